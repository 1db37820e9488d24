//! Which lane a worker looks in first, and how many workers may do offline work at once: the lane
//! policy of [`limiter`](crate::limiter), for many threads.

use super::error::Error;
use super::sync::{AtomicUsize, Mutex, Ordering};
use crate::limiter::{Lane, OfflineShare};

#[derive(Debug)]
pub(super) struct Lanes {
    /// Jobs let in and not yet taken, by lane. A job counts from before it is pushed, so that a job
    /// that was taken has always been counted.
    pending: [AtomicUsize; 2],
    /// Offline jobs that run now; never above `offline_limit`.
    offline_running: AtomicUsize,
    offline_limit: usize,
    share: Mutex<OfflineShare>,
}

impl Lanes {
    pub(super) fn new(threads: usize, reserve: usize, offline_share: f64) -> Result<Self, Error> {
        if threads == 0 {
            return Err(Error::Threads { given: threads });
        }
        if reserve >= threads {
            return Err(Error::Reserve { given: reserve, threads });
        }
        let share = OfflineShare::new(offline_share)
            .map_err(|_| Error::OfflineShare { given: offline_share })?;
        Ok(Self {
            pending: [AtomicUsize::new(0), AtomicUsize::new(0)],
            offline_running: AtomicUsize::new(0),
            offline_limit: threads - reserve,
            share: Mutex::new(share),
        })
    }

    pub(super) fn let_in(&self, lane: Lane, jobs: usize) {
        self.pending[lane.index()].fetch_add(jobs, Ordering::SeqCst);
    }

    pub(super) fn taken(&self, lane: Lane) {
        self.pending[lane.index()].fetch_sub(1, Ordering::SeqCst);
    }

    pub(super) fn pending(&self, lane: Lane) -> usize {
        self.pending[lane.index()].load(Ordering::SeqCst)
    }

    pub(super) fn is_empty(&self) -> bool {
        Lane::ALL.iter().all(|&lane| self.pending(lane) == 0)
    }

    pub(super) fn offline_permit_is_free(&self) -> bool {
        self.offline_running.load(Ordering::SeqCst) < self.offline_limit
    }

    /// Takes an offline permit if one is free.
    pub(super) fn acquire_offline(&self) -> bool {
        let below = |running| (running < self.offline_limit).then_some(running + 1);
        self.offline_running.fetch_update(Ordering::SeqCst, Ordering::SeqCst, below).is_ok()
    }

    pub(super) fn release_offline(&self) {
        self.offline_running.fetch_sub(1, Ordering::SeqCst);
    }

    /// The lanes in the order in which the next job is looked for.
    pub(super) fn order(&self) -> [Lane; 2] {
        // Where offline does not wait nothing can be due to it, and nobody pays for the lock.
        if self.pending(Lane::Offline) > 0 && self.share.lock().is_due() {
            [Lane::Offline, Lane::Online]
        } else {
            [Lane::Online, Lane::Offline]
        }
    }

    /// Accounts for one job of a lane that was taken while offline waited.
    pub(super) fn granted(&self, lane: Lane) {
        let offline_waits = self.pending(Lane::Offline) > 0;
        if offline_waits || lane == Lane::Offline {
            self.share.lock().granted(lane, offline_waits);
        }
    }
}
