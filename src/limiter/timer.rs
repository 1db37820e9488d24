//! One timer for all limits of the process, which calls each limit when its time comes.
//!
//! Enters: alarms, each with a time of its limit's clock.
//! Leaves: calls of [`Due::due`], on the timer's thread.
//!
//! The timer is a thread that sleeps on a condition variable until the first alarm is due. It is
//! started with the first alarm, and sleeps while none is set. A tokio timer on its own thread
//! would be no less code. It also counts in milliseconds and rounds up. A rate of 1,000 a second
//! without bursts would then reach half of that, because each unit starts only if the one before
//! was asked for in time.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Weak;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::clock::MonotonicClock;

#[cfg_attr(not(any(feature = "node", test)), allow(dead_code, reason = "for a binding"))]
pub(crate) mod hand;

/// A limit that the timer calls.
pub(crate) trait Due: Send + Sync {
    /// The time of an alarm has come, or a later time.
    ///
    /// The timer's thread calls this with no lock held, and all other alarms wait for it to return.
    /// It must [unset](Alarm::unset) the alarm, do what is due, and set the alarm for the next
    /// time.
    fn due(&self);
}

/// Calls its target at a time, at most once for all times that were set until then. It does not
/// keep the target alive. Dropping the alarm removes it from the timer.
pub(crate) struct Alarm {
    clock: MonotonicClock,
    /// The time that its limit's clock follows, if tests can set it by hand.
    time: Option<u32>,
    target: Weak<dyn Due>,
    id: u64,
    /// The alarm's time in the timer's queue. It stays here after that time has come, until
    /// [`Due::due`] unsets it. So either the queue holds the alarm, or `due` will be called or is
    /// about to unset it.
    set_for: Option<Instant>,
    /// The same among the alarms of `time`, in nanoseconds.
    set_by_hand_for: Option<u64>,
}

impl Alarm {
    pub(crate) fn new(clock: MonotonicClock, target: Weak<dyn Due>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Self { clock, time: None, target, id, set_for: None, set_by_hand_for: None }
    }

    /// Goes by a time that tests can set by hand.
    pub(crate) fn following(mut self, time: Option<u32>) -> Self {
        self.time = time;
        self
    }

    /// Sets the alarm for a time of its clock; a time in the past is due at once. If the alarm is
    /// set for an earlier time, that time stays, and `due` comes too early for this one. Asking
    /// again is cheaper than setting the alarm back each time, which takes the timer's lock.
    ///
    /// # Panics
    /// If the timer's thread must be started and the system has no thread left.
    pub(crate) fn set(&mut self, at: u64) {
        match self.time {
            Some(time) if hand::differs() => self.set_in(time, at),
            _ => self.set_at(self.clock.instant_of(at)),
        }
    }

    #[cold]
    fn set_in(&mut self, time: u32, at: u64) {
        if self.set_by_hand_for.is_some_and(|earlier| earlier <= at) {
            return;
        }
        match hand::set_alarm(time, self.id, self.set_by_hand_for, at, &self.target) {
            Ok(()) => self.set_by_hand_for = Some(at),
            Err(ahead) => self.set_at(self.clock.instant_of(at.saturating_sub(ahead))),
        }
    }

    fn set_at(&mut self, at: Instant) {
        if self.set_for.is_some_and(|earlier| earlier <= at) {
            return;
        }
        let mut queue = TIMER.queue.lock();
        if let Some(later) = self.set_for.replace(at) {
            queue.alarms.remove(&(later, self.id));
        }
        queue.alarms.insert((at, self.id), self.target.clone());
        queue.start();
        let is_first = queue.alarms.first_key_value().is_some_and(|(&(_, id), _)| id == self.id);
        drop(queue);
        if is_first {
            TIMER.changed.notify_one();
        }
    }

    /// Cancels the alarm, unless its call is under way.
    pub(crate) fn unset(&mut self) {
        if let Some(at) = self.set_for.take() {
            TIMER.queue.lock().alarms.remove(&(at, self.id));
        }
        if let (Some(time), Some(at)) = (self.time, self.set_by_hand_for.take()) {
            hand::unset_alarm(time, self.id, at);
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
    /// Notified when another alarm becomes the first.
    changed: Condvar,
}

struct Queue {
    /// By time; alarms of the same time in the order in which they were made.
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
                    let target = first.remove();
                    MutexGuard::unlocked(&mut queue, || tell(&target));
                }
            }
        }
    }
}

/// The panic hook has reported a panic in here, and it must not affect other limits.
fn tell(target: &Weak<dyn Due>) {
    let _ = catch_unwind(AssertUnwindSafe(|| {
        if let Some(target) = target.upgrade() {
            target.due();
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

    struct Target {
        name: usize,
        tell: Sender<(usize, u64)>,
        clock: MonotonicClock,
        may_tell: Arc<Mutex<()>>,
    }

    impl Due for Target {
        fn due(&self) {
            drop(self.may_tell.lock());
            self.tell.send((self.name, self.clock.now())).expect("the test listens");
            assert_ne!(self.name, 3, "a panic in here is on purpose");
        }
    }

    struct Targets {
        clock: MonotonicClock,
        targets: Vec<(Arc<Target>, Alarm)>,
        told: Receiver<(usize, u64)>,
        may_tell: Arc<Mutex<()>>,
    }

    impl Targets {
        fn new(count: usize) -> Self {
            let (tell, told) = channel();
            let clock = MonotonicClock::default();
            let may_tell = Arc::new(Mutex::new(()));
            let target = |name| {
                let may_tell = may_tell.clone();
                let target = Arc::new(Target { name, tell: tell.clone(), clock, may_tell });
                let weak: Weak<Target> = Arc::downgrade(&target);
                (target, Alarm::new(clock, weak))
            };
            Self { clock, targets: (0..count).map(target).collect(), told, may_tell }
        }

        /// Sets alarms, in milliseconds from now, while the timer is busy with a first one.
        fn set(
            &mut self,
            millis: &[u64],
            then: impl FnOnce(&mut Vec<(Arc<Target>, Alarm)>),
        ) -> u64 {
            let stopped = self.may_tell.clone();
            let stopped = stopped.lock();
            let now = self.clock.now();
            for (target, millis) in self.targets.iter_mut().zip(millis) {
                target.1.set(now + millis * MILLI);
            }
            then(&mut self.targets);
            drop(stopped);
            now
        }
    }

    #[test]
    fn the_first_that_is_due_comes_first_and_none_too_early() {
        let mut targets = Targets::new(4);
        let now = targets.set(&[0, 30, 10, 20], |_| ());
        // The target that panics does not delay the last one.
        for (name, millis) in [(0, 0), (2, 10), (3, 20), (1, 30)] {
            let (rang, at) = targets.told.recv().unwrap();
            assert_eq!(rang, name);
            assert!(at >= now + millis * MILLI);
        }
    }

    #[test]
    fn it_is_set_earlier_and_not_later() {
        let mut targets = Targets::new(3);
        let now = targets.clock.now();
        targets.set(&[0, 3_600_000, 20], |targets| {
            targets[1].1.set(u64::MAX);
            targets[1].1.set(now + 10 * MILLI);
            targets[1].1.set(now + 1_800_000 * MILLI);
        });
        let next = || targets.told.recv().unwrap().0;
        assert_eq!([next(), next(), next()], [0, 1, 2]);
        assert_eq!(
            TIMER.queue.lock().alarms.keys().filter(|key| key.1 == targets.targets[1].1.id).count(),
            0
        );
    }

    #[test]
    fn who_is_gone_does_not_ring() {
        let mut targets = Targets::new(5);
        targets.set(&[0, 10, 11, 12, 13], |targets| {
            targets[1].1.unset();
            drop(targets.remove(2));
            // Its alarm is set, and its target is gone.
            targets[2].0 = targets[3].0.clone();
        });
        let next = || targets.told.recv().unwrap().0;
        assert_eq!([next(), next()], [0, 4]);
    }
}
