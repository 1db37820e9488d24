//! The one timer of all limits of the process: it calls those whose time has come.
//!
//! It is a thread that sleeps on a condition variable until the first of them is due. A tokio timer on a thread
//! of its own would be no less code, and it counts in milliseconds and rounds up: a rate of 1,000 a second
//! without bursts, which starts one only when the one before has been asked for in time, would come to half of
//! that. The thread is started with the first alarm that is set, and sleeps while none is.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Weak;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::clock::MonotonicClock;

/// Who is called by the timer.
pub(crate) trait Due: Send + Sync {
    /// The time has come that an alarm was set for, or a later one.
    ///
    /// It is called on the timer's thread with no lock held, and all others wait for it to return. It is to
    /// [unset](Alarm::unset) the alarm, look at what is to be done, and set it for the next time.
    fn due(&self);
}

/// One that is called when it is time, at most once for all times it was set for until then. Nobody is kept by
/// it, and it is gone from the timer when it is dropped.
pub(crate) struct Alarm {
    clock: MonotonicClock,
    who: Weak<dyn Due>,
    id: u64,
    /// The moment in the timer's queue. It stays here when that has come, until [`Due::due`] unsets it; so
    /// either the queue has it, or `due` will be called or is about to unset it.
    set_for: Option<Instant>,
}

impl Alarm {
    pub(crate) fn new(clock: MonotonicClock, who: Weak<dyn Due>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Self { clock, who, id, set_for: None }
    }

    /// Has it called at this time of its clock, at once if that is past. Where it is set for an earlier time
    /// that stays, and `due` comes too early for this one: to ask again is cheaper than to set it back every
    /// time, which takes the timer's lock.
    ///
    /// # Panics
    /// If the timer's thread is to be started and the system has none left.
    pub(crate) fn set(&mut self, at: u64) {
        let at = self.clock.instant_of(at);
        if self.set_for.is_some_and(|earlier| earlier <= at) {
            return;
        }
        let mut queue = TIMER.queue.lock();
        if let Some(later) = self.set_for.replace(at) {
            queue.alarms.remove(&(later, self.id));
        }
        queue.alarms.insert((at, self.id), self.who.clone());
        queue.start();
        let is_first = queue.alarms.first_key_value().is_some_and(|(&(_, id), _)| id == self.id);
        drop(queue);
        if is_first {
            TIMER.changed.notify_one();
        }
    }

    /// Has it not called, unless that is under way.
    pub(crate) fn unset(&mut self) {
        if let Some(at) = self.set_for.take() {
            TIMER.queue.lock().alarms.remove(&(at, self.id));
        }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.unset();
    }
}

static TIMER: Timer = Timer {
    queue: Mutex::new(Queue { alarms: BTreeMap::new(), is_started: false }),
    changed: Condvar::new(),
};

struct Timer {
    queue: Mutex<Queue>,
    /// There is another first alarm.
    changed: Condvar,
}

struct Queue {
    /// By time; those of one time in the order they were made in.
    alarms: BTreeMap<(Instant, u64), Weak<dyn Due>>,
    is_started: bool,
}

impl Queue {
    fn start(&mut self) {
        if !self.is_started {
            let thread = thread::Builder::new().name("p-lanes timer".into());
            thread.spawn(|| TIMER.run()).expect("the timer of the limits needs a thread");
            self.is_started = true;
        }
    }
}

impl Timer {
    fn run(&self) {
        let mut queue = self.queue.lock();
        loop {
            match queue.alarms.first_entry() {
                None => self.changed.wait(&mut queue),
                Some(first) if first.key().0 > Instant::now() => {
                    let at = first.key().0;
                    self.changed.wait_until(&mut queue, at);
                }
                Some(first) => {
                    let who = first.remove();
                    MutexGuard::unlocked(&mut queue, || tell(&who));
                }
            }
        }
    }
}

/// What panics in there has been reported by the panic hook, and is no matter of the other limits.
fn tell(who: &Weak<dyn Due>) {
    let _ = catch_unwind(AssertUnwindSafe(|| {
        if let Some(who) = who.upgrade() {
            who.due();
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, Sender, channel};

    use crate::clock::Clock;

    const MILLI: u64 = 1_000_000;

    struct Bell {
        name: usize,
        ring: Sender<(usize, u64)>,
        clock: MonotonicClock,
        may_ring: Arc<Mutex<()>>,
    }

    impl Due for Bell {
        fn due(&self) {
            drop(self.may_ring.lock());
            self.ring.send((self.name, self.clock.now())).expect("the test listens");
            assert_ne!(self.name, 3, "a panic in here is on purpose");
        }
    }

    struct Bells {
        clock: MonotonicClock,
        bells: Vec<(Arc<Bell>, Alarm)>,
        rung: Receiver<(usize, u64)>,
        may_ring: Arc<Mutex<()>>,
    }

    impl Bells {
        fn new(count: usize) -> Self {
            let (ring, rung) = channel();
            let clock = MonotonicClock::default();
            let may_ring = Arc::new(Mutex::new(()));
            let bell = |name| {
                let may_ring = may_ring.clone();
                let bell = Arc::new(Bell { name, ring: ring.clone(), clock, may_ring });
                let who: Weak<Bell> = Arc::downgrade(&bell);
                (bell, Alarm::new(clock, who))
            };
            Self { clock, bells: (0..count).map(bell).collect(), rung, may_ring }
        }

        /// Sets alarms, in milliseconds from now, while the timer waits in a first one.
        fn set(&mut self, millis: &[u64], then: impl FnOnce(&mut Vec<(Arc<Bell>, Alarm)>)) -> u64 {
            let stopped = self.may_ring.clone();
            let stopped = stopped.lock();
            let now = self.clock.now();
            for (bell, millis) in self.bells.iter_mut().zip(millis) {
                bell.1.set(now + millis * MILLI);
            }
            then(&mut self.bells);
            drop(stopped);
            now
        }
    }

    #[test]
    fn the_first_that_is_due_comes_first_and_none_too_early() {
        let mut bells = Bells::new(4);
        let now = bells.set(&[0, 30, 10, 20], |_| ());
        // The one that panics does not keep the last from its turn.
        for (name, millis) in [(0, 0), (2, 10), (3, 20), (1, 30)] {
            let (rang, at) = bells.rung.recv().unwrap();
            assert_eq!(rang, name);
            assert!(at >= now + millis * MILLI);
        }
    }

    #[test]
    fn it_is_set_earlier_and_not_later() {
        let mut bells = Bells::new(3);
        let now = bells.clock.now();
        bells.set(&[0, 3_600_000, 20], |bells| {
            bells[1].1.set(u64::MAX);
            bells[1].1.set(now + 10 * MILLI);
            bells[1].1.set(now + 1_800_000 * MILLI);
        });
        let next = || bells.rung.recv().unwrap().0;
        assert_eq!([next(), next(), next()], [0, 1, 2]);
        assert_eq!(
            TIMER.queue.lock().alarms.keys().filter(|key| key.1 == bells.bells[1].1.id).count(),
            0
        );
    }

    #[test]
    fn who_is_gone_does_not_ring() {
        let mut bells = Bells::new(5);
        bells.set(&[0, 10, 11, 12, 13], |bells| {
            bells[1].1.unset();
            drop(bells.remove(2));
            // Its alarm is set, and nobody is there to hear it.
            bells[2].0 = bells[3].0.clone();
        });
        let next = || bells.rung.recv().unwrap().0;
        assert_eq!([next(), next()], [0, 4]);
    }
}
