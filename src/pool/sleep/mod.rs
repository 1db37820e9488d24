//! Who sleeps and who searches, and whom a new job wakes. The protocol is argued in `README.md` here.

use crate::sync::{AtomicUsize, Mutex, Ordering, fence};

/// | bits of `state` | meaning | written by |
/// |---|---|---|
/// | low half | workers that search now | [`search`](Sleep::search), [`stop_searching`](Sleep::stop_searching), [`fall_asleep`](Sleep::fall_asleep) |
/// | high half | workers that have announced their sleep and were not told to wake | `fall_asleep`, [`wake_one`](Sleep::wake_one), [`get_up`](Sleep::get_up), each under the lock of `sleepers` |
#[derive(Debug)]
pub(super) struct Sleep {
    state: AtomicUsize,
    /// Seats, in the order in which they fell asleep. The last is woken first: its caches are warm.
    sleepers: Mutex<Vec<usize>>,
}

const SEARCHING: usize = 1;
const ASLEEP: usize = 1 << (usize::BITS / 2);

const fn searching(state: usize) -> usize {
    state & (ASLEEP - 1)
}

const fn asleep(state: usize) -> usize {
    state / ASLEEP
}

impl Sleep {
    pub(super) fn new() -> Self {
        Self { state: AtomicUsize::new(0), sleepers: Mutex::new(Vec::new()) }
    }

    /// A worker begins to look for work. Gives how many others do already.
    pub(super) fn search(&self) -> usize {
        searching(self.state.fetch_add(SEARCHING, Ordering::AcqRel))
    }

    /// A searcher has found work. True if it was the last: it has to look whether there is more, and
    /// wake another if so, since jobs that came meanwhile woke nobody.
    #[must_use]
    pub(super) fn stop_searching(&self) -> bool {
        let last = searching(self.state.fetch_sub(SEARCHING, Ordering::AcqRel)) == 1;
        if last {
            // Pairs with the fence of `wake_one`: a job that relied on a searcher is seen now.
            fence(Ordering::SeqCst);
        }
        last
    }

    /// Announces that a searcher has found nothing and sleeps. It then has to look for work once more,
    /// and sleep only if there is none. True if it was the last searcher: it has to look everywhere.
    #[must_use]
    pub(super) fn fall_asleep(&self, seat: usize) -> bool {
        let mut sleepers = self.sleepers.lock();
        let state = self.state.fetch_add(ASLEEP - SEARCHING, Ordering::AcqRel);
        sleepers.push(seat);
        drop(sleepers);
        // Pairs with the fence of `wake_one`: either it sees this sleeper, or this one sees its job.
        fence(Ordering::SeqCst);
        searching(state) == 1
    }

    /// Takes back an announcement, if nobody was faster and told this seat to wake.
    pub(super) fn get_up(&self, seat: usize) {
        let mut sleepers = self.sleepers.lock();
        if let Some(place) = sleepers.iter().position(|&sleeper| sleeper == seat) {
            sleepers.remove(place);
            self.state.fetch_sub(ASLEEP, Ordering::AcqRel);
        }
    }

    /// There is a new job, or a permit for one that waits: the seat to wake for it. None if someone
    /// searches already, or nobody sleeps.
    pub(super) fn wake_one(&self) -> Option<usize> {
        // Pairs with the fences of `fall_asleep` and `stop_searching`.
        fence(Ordering::SeqCst);
        let state = self.state.load(Ordering::Acquire);
        if searching(state) > 0 || asleep(state) == 0 {
            return None;
        }
        self.wake_last()
    }

    /// All that sleep, for the end. Who announces its sleep after this sees what led to it.
    pub(super) fn wake_all(&self) -> Vec<usize> {
        std::iter::from_fn(|| self.wake_last()).collect()
    }

    fn wake_last(&self) -> Option<usize> {
        let mut sleepers = self.sleepers.lock();
        let seat = sleepers.pop()?;
        self.state.fetch_sub(ASLEEP, Ordering::AcqRel);
        Some(seat)
    }
}
