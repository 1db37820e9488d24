//! The lane policy of [`limiter`](crate::limiter) for many threads: in which lane a worker looks
//! first. It also counts the jobs that wait, until the lanes are closed and empty.

use crate::limiter::{Lane, OfflineShare};
use crate::pool::error::Error;
use crate::sync::{AtomicUsize, Mutex, Ordering, fence};

/// | bits of `waiting` | meaning |
/// |---|---|
/// | lowest | the lane is closed: nothing is let in any more |
/// | others | jobs let in and not yet taken |
///
/// These share one word, so that a job is either counted before its lane is closed or not let in. A
/// job is counted before it is pushed. So every job that is taken has been counted.
#[derive(Debug)]
pub(super) struct Lanes {
    waiting: [AtomicUsize; 2],
    share: Mutex<OfflineShare>,
}

const CLOSED: usize = 1;
const JOB: usize = 2;

impl Lanes {
    pub(super) fn new(offline_share: f64) -> Result<Self, Error> {
        let share = OfflineShare::new(offline_share)
            .map_err(|_| Error::OfflineShare { given: offline_share })?;
        Ok(Self { waiting: [AtomicUsize::new(0), AtomicUsize::new(0)], share: Mutex::new(share) })
    }

    /// Counts jobs that are about to be pushed. Returns `false` if the lane is closed; then they
    /// must not be pushed.
    #[must_use]
    pub(super) fn admit(&self, lane: Lane, jobs: usize) -> bool {
        let open = |waiting| (waiting & CLOSED == 0).then_some(waiting + jobs * JOB);
        self.waiting[lane.index()].fetch_update(Ordering::AcqRel, Ordering::Acquire, open).is_ok()
    }

    /// A job has left its queue. Returns `true` if it was the last of all, and none will come.
    #[must_use]
    pub(super) fn taken(&self, lane: Lane) -> bool {
        let left = self.waiting[lane.index()].fetch_sub(JOB, Ordering::AcqRel) - JOB;
        if left < JOB && lane == Lane::Offline {
            self.share.lock().offline_no_longer_waits();
        }
        left == CLOSED && self.is_over_now()
    }

    /// Lets no more jobs in. Returns `true` if none waits.
    #[must_use]
    pub(super) fn close(&self) -> bool {
        for waiting in &self.waiting {
            waiting.fetch_or(CLOSED, Ordering::AcqRel);
        }
        self.is_over_now()
    }

    /// For a thread that has just changed one lane. If two threads do so at the same time, at least
    /// one of them sees both changes.
    fn is_over_now(&self) -> bool {
        fence(Ordering::SeqCst);
        self.is_over()
    }

    /// Whether both lanes are closed and empty. They stay so.
    pub(super) fn is_over(&self) -> bool {
        self.waiting.iter().all(|waiting| waiting.load(Ordering::Acquire) == CLOSED)
    }

    pub(super) fn pending(&self, lane: Lane) -> usize {
        self.waiting[lane.index()].load(Ordering::Acquire) / JOB
    }

    /// The lanes in the order in which a worker that serves both searches its next job.
    pub(super) fn order(&self) -> [Lane; 2] {
        // The lock is taken only if there is a choice.
        let both_wait = Lane::ALL.iter().all(|&lane| self.pending(lane) > 0);
        if both_wait && self.share.lock().is_due() {
            [Lane::Offline, Lane::Online]
        } else {
            [Lane::Online, Lane::Offline]
        }
    }

    /// Counts one job that was taken to be run.
    pub(super) fn granted(&self, lane: Lane) {
        if self.pending(Lane::Offline) > 0 {
            self.share.lock().granted(lane, true);
        }
    }
}
