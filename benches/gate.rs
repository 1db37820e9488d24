//! What a limit costs per unit of work, beside what nothing could do without (the floor).
//!
//! `cargo bench --bench gate`; the median column is the time of one operation.

use std::time::Duration;

use divan::Bencher;
use p_lanes::clock::{Clock, MonotonicClock};
use p_lanes::limiter::{Arbiter, Enqueued, Lane, Options, Outcome, Rate, Slot};

fn main() {
    divan::main();
}

/// How many wait in the benches of a long queue.
const QUEUE: usize = 10_000;

/// Queue, counter, lock, and the semaphore that one would take instead.
#[divan::bench_group(sample_count = 200, sample_size = 1_000)]
mod floor {
    use super::*;
    use std::collections::VecDeque;
    use std::sync::Arc;

    use divan::black_box;
    use parking_lot::Mutex;
    use tokio::sync::Semaphore;

    #[divan::bench]
    fn queue_and_counter(bencher: Bencher) {
        let (mut queue, mut active) = (VecDeque::from_iter(0..QUEUE), 1_u64);
        bencher.bench_local(|| {
            queue.push_back(black_box(1));
            active -= 1;
            active += u64::from(queue.pop_front().is_some());
            black_box(active)
        });
    }

    #[divan::bench]
    fn clock_reading(bencher: Bencher) {
        let clock = MonotonicClock::default();
        bencher.bench_local(|| clock.now());
    }

    /// A gate takes its lock once to acquire and once to let go.
    #[divan::bench]
    fn lock_twice(bencher: Bencher) {
        let active = Arc::new(Mutex::new(0_u64));
        bencher.bench_local(|| {
            *black_box(&active).lock() += 1;
            *black_box(&active).lock() -= 1;
        });
    }

    #[divan::bench]
    fn tokio_semaphore_try_acquire(bencher: Bencher) {
        let semaphore = Arc::new(Semaphore::new(10));
        bencher.bench_local(|| drop(black_box(&semaphore).clone().try_acquire_owned()));
    }

    #[divan::bench]
    fn tokio_semaphore_handed_over(bencher: Bencher) {
        let semaphore = Arc::new(Semaphore::new(1));
        waiting::bench(bencher, || semaphore.clone().acquire_owned());
    }
}

/// A limit of ten slots whose work is driven by the bench: enqueue, grant and settle of one unit.
#[divan::bench_group(sample_count = 200, sample_size = 1_000)]
mod arbiter {
    use super::*;

    fn arbiter() -> Arbiter {
        Arbiter::new(Options::new(10)).expect("valid options")
    }

    fn granted<C: Clock>(arbiter: &mut Arbiter<C>, lane: Lane) -> Slot {
        match arbiter.enqueue(lane) {
            Enqueued::Granted(slot) => slot,
            other => panic!("{other:?}"),
        }
    }

    fn with_all_slots_taken() -> (Arbiter, Slot) {
        let mut arbiter = arbiter();
        let slots: Vec<_> = (0..10).map(|_| granted(&mut arbiter, Lane::Online)).collect();
        (arbiter, slots[0])
    }

    fn fill(arbiter: &mut Arbiter, lane: Lane, calls: usize) {
        for _ in 0..calls {
            arbiter.enqueue(lane);
        }
    }

    #[divan::bench(args = Lane::ALL)]
    fn uncontended(bencher: Bencher, lane: Lane) {
        let mut arbiter = arbiter();
        bencher.bench_local(|| {
            let slot = granted(&mut arbiter, lane);
            arbiter.settle(slot, Outcome::Fulfilled)
        });
    }

    /// With a rate that never keeps anyone waiting: what asking and telling it costs.
    #[divan::bench]
    fn uncontended_with_a_rate(bencher: Bencher) {
        const MOST: u64 = (1 << 53) - 1;
        let rate = Rate::new(MOST, Duration::from_secs(1)).burst(MOST);
        let mut arbiter = Arbiter::new(Options::new(10).rate(rate)).expect("valid options");
        bencher.bench_local(|| {
            let slot = granted(&mut arbiter, Lane::Online);
            arbiter.settle(slot, Outcome::Fulfilled)
        });
    }

    #[divan::bench(args = [1, QUEUE])]
    fn handed_over(bencher: Bencher, queue: usize) {
        let (mut arbiter, slot) = with_all_slots_taken();
        fill(&mut arbiter, Lane::Online, queue - 1);
        bencher.bench_local(|| {
            let queued = arbiter.enqueue(Lane::Online);
            (queued, arbiter.settle(slot, Outcome::Fulfilled))
        });
    }

    #[divan::bench]
    fn handed_over_while_both_lanes_wait(bencher: Bencher) {
        let (mut arbiter, slot) = with_all_slots_taken();
        for lane in Lane::ALL {
            fill(&mut arbiter, lane, QUEUE);
        }
        bencher.bench_local(|| {
            let online = arbiter.active(Lane::Online);
            let next = arbiter.settle(slot, Outcome::Fulfilled);
            // Whichever lane it took from gets another one.
            let took =
                if arbiter.active(Lane::Online) < online { Lane::Offline } else { Lane::Online };
            (next, arbiter.enqueue(took))
        });
    }

    #[divan::bench]
    fn batch_unit(bencher: Bencher) {
        let (mut arbiter, slot) = with_all_slots_taken();
        arbiter.enqueue_batch(Lane::Offline, u32::MAX).unwrap();
        bencher.bench_local(|| arbiter.settle(slot, Outcome::Fulfilled).expect("units are left"));
    }

    #[divan::bench]
    fn batch_unit_of_a_free_slot(bencher: Bencher) {
        let mut arbiter = Arbiter::new(Options::new(1)).expect("valid options");
        bencher.bench_local(|| {
            arbiter.enqueue_batch(Lane::Online, 1).unwrap();
            let (slot, _) = arbiter.grant_next().expect("a slot is free");
            arbiter.settle(slot, Outcome::Fulfilled)
        });
    }

    #[divan::bench]
    fn enqueue_and_cancel(bencher: Bencher) {
        let (mut arbiter, _) = with_all_slots_taken();
        fill(&mut arbiter, Lane::Online, QUEUE - 1);
        bencher.bench_local(|| match arbiter.enqueue(Lane::Online) {
            Enqueued::Queued(ticket) => arbiter.cancel(ticket),
            other => panic!("{other:?}"),
        });
    }

    /// A clock that reads the system's, and makes every event look sparse.
    #[derive(Default)]
    struct Sparse {
        system: MonotonicClock,
        readings: std::cell::Cell<u64>,
    }

    impl Clock for Sparse {
        fn now(&self) -> u64 {
            self.readings.set(self.readings.get() + 1_000_000);
            self.system.now() + self.readings.get()
        }
    }

    /// As under a light load, where no event is left out of the statistics.
    #[divan::bench]
    fn uncontended_with_every_event_timed(bencher: Bencher) {
        let mut arbiter =
            Arbiter::with_clock(Options::new(10), Sparse::default()).expect("valid options");
        bencher.bench_local(|| {
            let slot = granted(&mut arbiter, Lane::Online);
            arbiter.settle(slot, Outcome::Fulfilled)
        });
    }
}

/// The same at a handle of a gate for several threads: what it costs a thread alone, beside `arbiter`, and two.
#[divan::bench_group(sample_count = 200, sample_size = 1_000)]
mod shared {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, mpsc};
    use std::thread::{self, Thread};

    use divan::counter::ItemsCount;
    use p_lanes::limiter::{GateHandle, Message, SharedGate};
    use p_lanes::pool::Wake;

    struct NoWaker;

    impl Wake for NoWaker {
        fn wake(&self) {}
    }

    fn gate(concurrency: u64) -> SharedGate {
        SharedGate::new(Options::new(concurrency)).expect("valid options")
    }

    fn handle(gate: &SharedGate) -> GateHandle {
        gate.handle(Arc::new(NoWaker))
    }

    fn granted(handle: &GateHandle, lane: Lane) -> Slot {
        handle.enter(lane).expect("it is let in").place.expect("a slot is free")
    }

    fn with_all_slots_taken() -> (GateHandle, Slot) {
        let handle = handle(&gate(10));
        let slots: Vec<_> = (0..10).map(|_| granted(&handle, Lane::Online)).collect();
        (handle, slots[0])
    }

    #[divan::bench(args = Lane::ALL)]
    fn uncontended(bencher: Bencher, lane: Lane) {
        let handle = handle(&gate(10));
        bencher.bench_local(|| handle.settle(granted(&handle, lane), Outcome::Fulfilled));
    }

    #[divan::bench(args = [1, QUEUE])]
    fn handed_over(bencher: Bencher, queue: usize) {
        let (handle, slot) = with_all_slots_taken();
        for _ in 1..queue {
            handle.enter(Lane::Online).expect("it is let in");
        }
        bencher.bench_local(|| {
            let queued = handle.enter(Lane::Online);
            (queued, handle.settle(slot, Outcome::Fulfilled))
        });
    }

    #[divan::bench]
    fn batch_unit(bencher: Bencher) {
        let (handle, slot) = with_all_slots_taken();
        handle.enter_batch(Lane::Offline, u32::MAX).unwrap();
        bencher.bench_local(|| handle.settle(slot, Outcome::Fulfilled));
    }

    #[divan::bench]
    fn enqueue_and_cancel(bencher: Bencher) {
        let (handle, _) = with_all_slots_taken();
        for _ in 1..QUEUE {
            handle.enter(Lane::Online).expect("it is let in");
        }
        bencher.bench_local(|| match handle.enter(Lane::Online).expect("it is let in").place {
            Err(ticket) => handle.cancel(ticket),
            Ok(slot) => panic!("{slot:?}"),
        });
    }

    /// One thread at two handles in turn: the message, without the wake-up.
    #[divan::bench]
    fn handed_over_by_message(bencher: Bencher) {
        let gate = gate(1);
        let (mut mine, mut yours) = (handle(&gate), handle(&gate));
        let slot = granted(&mine, Lane::Online);
        bencher.bench_local(|| {
            yours.enter(Lane::Online).expect("it is let in");
            mine.settle(slot, Outcome::Fulfilled);
            std::mem::swap(&mut mine, &mut yours);
            mine.take_messages()
        });
    }

    /// Unparks the thread that made it.
    struct Unpark {
        thread: Thread,
        is_rung: AtomicBool,
    }

    impl Unpark {
        fn here() -> Arc<Self> {
            Arc::new(Self { thread: thread::current(), is_rung: AtomicBool::new(false) })
        }

        fn sleep(&self) {
            while !self.is_rung.swap(false, Ordering::AcqRel) {
                thread::park();
            }
        }
    }

    impl Wake for Unpark {
        fn wake(&self) {
            self.is_rung.store(true, Ordering::Release);
            self.thread.unpark();
        }
    }

    /// Sleeps until what waits has its slot.
    fn slot_by_message(handle: &GateHandle, waker: &Unpark) -> Slot {
        loop {
            let messages = handle.take_messages();
            let slot = messages.iter().find_map(|message| match message {
                Message::Granted { slot, .. } => Some(*slot),
                _ => None,
            });
            if let Some(slot) = slot {
                return slot;
            }
            waker.sleep();
        }
    }

    /// Two threads, and the one that has not the slot always waits for it and sleeps: there and back, two hand-overs
    /// and two wake-ups.
    #[divan::bench(sample_count = 50, sample_size = 500)]
    fn handed_over_to_a_thread_and_back(bencher: Bencher) {
        let gate = gate(1);
        let waker = Unpark::here();
        let mine = gate.handle(waker.clone());
        let mut slot = granted(&mine, Lane::Online);
        let (began, begun) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                let waker = Unpark::here();
                let yours = gate.handle(waker.clone());
                yours.enter(Lane::Online).expect("it is let in");
                began.send(()).expect("it waits for that");
                loop {
                    let slot = slot_by_message(&yours, &waker);
                    let goes_on = yours.enter(Lane::Online).is_ok();
                    yours.settle(slot, Outcome::Fulfilled);
                    if !goes_on {
                        return;
                    }
                }
            });
            begun.recv().expect("it begins");
            bencher.counter(ItemsCount::new(2_u32)).bench_local(|| {
                mine.enter(Lane::Online).expect("it is let in");
                mine.settle(slot, Outcome::Fulfilled);
                slot = slot_by_message(&mine, &waker);
            });
            mine.close();
            mine.settle(slot, Outcome::Fulfilled);
        });
    }
}

/// The same for Rust tasks: with the lock, the future and the guard.
#[divan::bench_group(sample_count = 200, sample_size = 1_000)]
mod gate {
    use super::*;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use divan::black_box;
    use p_lanes::limiter::Gate;

    #[divan::bench]
    fn try_acquire(bencher: Bencher) {
        let gate = Gate::new(Options::new(10)).expect("valid options");
        bencher.bench_local(|| drop(black_box(&gate).try_acquire(Lane::Online)));
    }

    #[divan::bench]
    fn acquire_uncontended(bencher: Bencher) {
        let gate = Gate::new(Options::new(10)).expect("valid options");
        let mut context = Context::from_waker(Waker::noop());
        bencher.bench_local(|| {
            let acquire = pin!(black_box(&gate).acquire(Lane::Online));
            match acquire.poll(&mut context) {
                Poll::Ready(guard) => drop(guard),
                Poll::Pending => panic!("no slot is free"),
            }
        });
    }

    #[divan::bench]
    fn acquire_handed_over(bencher: Bencher) {
        let gate = Gate::new(Options::new(1)).expect("valid options");
        waiting::bench(bencher, || gate.acquire(Lane::Online));
    }
}

/// A long queue of futures for one slot: one joins it, the guard is dropped, the first has its turn.
mod waiting {
    use super::*;
    use std::collections::VecDeque;
    use std::fmt::Debug;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    pub(super) fn bench<F, G, E>(bencher: Bencher, acquire: impl Fn() -> F)
    where
        F: Future<Output = Result<G, E>>,
        G: Debug,
        E: Debug,
    {
        let context = || Context::from_waker(Waker::noop());
        let mut queue: VecDeque<Pin<Box<F>>> = VecDeque::new();
        let join = |queue: &mut VecDeque<Pin<Box<F>>>| {
            let mut future = Box::pin(acquire());
            match future.as_mut().poll(&mut context()) {
                Poll::Ready(guard) => Some(guard.expect("nothing is cleared")),
                Poll::Pending => {
                    queue.push_back(future);
                    None
                }
            }
        };
        let mut held = join(&mut queue);
        for _ in 0..QUEUE {
            join(&mut queue);
        }
        bencher.bench_local(|| {
            join(&mut queue);
            drop(held.take());
            let mut first = queue.pop_front().expect("they wait");
            match first.as_mut().poll(&mut context()) {
                Poll::Ready(guard) => held = Some(guard.expect("nothing is cleared")),
                Poll::Pending => panic!("the slot is free"),
            }
        });
    }
}
