//! Which lane a worker looks in first, and how many workers may do offline work at once: the lane
//! policy of [`limiter`](crate::limiter), for many threads. And how many jobs wait, until none comes
//! any more.

use super::error::Error;
use crate::limiter::{Lane, OfflineShare};
use crate::sync::{AtomicUsize, Mutex, Ordering, fence};

/// | bits of `waiting` | meaning |
/// |---|---|
/// | lowest | the lane is closed: nothing is let in any more |
/// | others | jobs let in and not yet taken |
///
/// They are one word, so that a job is either counted before its lane is closed or not let in. A job
/// counts from before it is pushed: one that was taken has always been counted.
#[derive(Debug)]
pub(super) struct Lanes {
    waiting: [AtomicUsize; 2],
    /// Offline jobs that run now; never above `offline_limit`.
    offline_running: AtomicUsize,
    offline_limit: usize,
    share: Mutex<OfflineShare>,
}

const CLOSED: usize = 1;
const JOB: usize = 2;

impl Lanes {
    pub(super) fn new(
        threads: usize,
        reserve: usize,
        jobs_per_thread: usize,
        offline_share: f64,
    ) -> Result<Self, Error> {
        if threads == 0 {
            return Err(Error::Threads { given: threads });
        }
        if reserve >= threads {
            return Err(Error::Reserve { given: reserve, threads });
        }
        if jobs_per_thread == 0 {
            return Err(Error::JobsPerThread { given: jobs_per_thread });
        }
        let share = OfflineShare::new(offline_share)
            .map_err(|_| Error::OfflineShare { given: offline_share })?;
        Ok(Self {
            waiting: [AtomicUsize::new(0), AtomicUsize::new(0)],
            offline_running: AtomicUsize::new(0),
            offline_limit: (threads - reserve).saturating_mul(jobs_per_thread),
            share: Mutex::new(share),
        })
    }

    /// Counts jobs that are about to be pushed. False once the lane is closed: they have to stay out.
    #[must_use]
    pub(super) fn let_in(&self, lane: Lane, jobs: usize) -> bool {
        let open = |waiting| (waiting & CLOSED == 0).then_some(waiting + jobs * JOB);
        self.waiting[lane.index()].fetch_update(Ordering::AcqRel, Ordering::Acquire, open).is_ok()
    }

    /// A job has left its queue. True if it was the last of all and none will come.
    #[must_use]
    pub(super) fn taken(&self, lane: Lane) -> bool {
        let left = self.waiting[lane.index()].fetch_sub(JOB, Ordering::AcqRel) - JOB;
        if left < JOB && lane == Lane::Offline {
            self.share.lock().offline_no_longer_waits();
        }
        left == CLOSED && self.is_over_now()
    }

    /// Lets nothing in any more. True if nothing waits.
    #[must_use]
    pub(super) fn close(&self) -> bool {
        for waiting in &self.waiting {
            waiting.fetch_or(CLOSED, Ordering::AcqRel);
        }
        self.is_over_now()
    }

    /// For who has just changed one lane: of two that do so at a time, at least one sees both.
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

    pub(super) fn offline_permit_is_free(&self) -> bool {
        self.offline_running.load(Ordering::Acquire) < self.offline_limit
    }

    /// How many more jobs of a lane may run, for who has just pushed some.
    pub(super) fn room(&self, lane: Lane) -> usize {
        match lane {
            Lane::Online => usize::MAX,
            Lane::Offline => {
                // Pairs with `release_offline`: either it sees the jobs, or this one its permit.
                fence(Ordering::SeqCst);
                self.offline_limit - self.offline_running.load(Ordering::Acquire)
            }
        }
    }

    /// Takes an offline permit if one is free.
    pub(super) fn acquire_offline(&self) -> bool {
        let below = |running| (running < self.offline_limit).then_some(running + 1);
        self.offline_running.fetch_update(Ordering::AcqRel, Ordering::Acquire, below).is_ok()
    }

    /// Gives an offline permit back. True if a job may have waited for it: where one was free before,
    /// none did.
    #[must_use]
    pub(super) fn release_offline(&self) -> bool {
        if self.offline_running.fetch_sub(1, Ordering::AcqRel) < self.offline_limit {
            return false;
        }
        // Pairs with `room`.
        fence(Ordering::SeqCst);
        self.pending(Lane::Offline) > 0
    }

    /// The lanes in the order in which the next job is looked for.
    pub(super) fn order(&self) -> [Lane; 2] {
        // Nobody pays for the lock unless there is a choice.
        let both_wait = Lane::ALL.iter().all(|&lane| self.pending(lane) > 0);
        if both_wait && self.share.lock().is_due() {
            [Lane::Offline, Lane::Online]
        } else {
            [Lane::Online, Lane::Offline]
        }
    }

    /// Accounts for one job that was taken to be run.
    pub(super) fn granted(&self, lane: Lane) {
        if self.pending(Lane::Offline) > 0 {
            self.share.lock().granted(lane, true);
        }
    }
}
