//! What a pool has seen, by lane: counts, and how long jobs waited and ran.

use crate::limiter::{Durations, Lane, LaneStats};

#[derive(Debug, Default)]
struct LaneRecord {
    submitted: u64,
    granted: u64,
    settled: u64,
    rejected: u64,
    dropped: u64,
    wait: Durations,
    run: Durations,
}

/// Counts and times of both lanes. Every job is timed: next to what it costs to go to another thread,
/// a reading of the clock is nothing.
#[derive(Debug, Default)]
pub(crate) struct Record {
    lanes: [LaneRecord; 2],
    busy: u64,
}

impl Record {
    /// A job was queued.
    pub(crate) fn submitted(&mut self, lane: Lane) {
        self.lanes[lane.index()].submitted += 1;
    }

    /// A job left the queue and will not run.
    pub(crate) fn dropped(&mut self, lane: Lane) {
        self.lanes[lane.index()].dropped += 1;
    }

    /// A job began, after so many nanoseconds.
    pub(crate) fn started(&mut self, lane: Lane, waited: u64) {
        let lane = &mut self.lanes[lane.index()];
        lane.granted += 1;
        lane.wait.record(waited, 1);
    }

    /// A job ended, after so many nanoseconds.
    pub(crate) fn ended(&mut self, lane: Lane, ran: u64, well: bool) {
        self.busy = self.busy.saturating_add(ran);
        let lane = &mut self.lanes[lane.index()];
        lane.settled += 1;
        lane.rejected += u64::from(!well);
        lane.run.record(ran, 1);
    }

    /// Nanoseconds that all ended jobs have run, together.
    pub(crate) fn busy(&self) -> u64 {
        self.busy
    }

    /// Jobs of a lane that wait.
    pub(crate) fn pending(&self, lane: Lane) -> u64 {
        let LaneRecord { submitted, granted, dropped, .. } = self.lanes[lane.index()];
        submitted - granted - dropped
    }

    /// One lane's numbers.
    pub(crate) fn stats(&self, lane: Lane) -> LaneStats {
        let LaneRecord { granted, settled, rejected, ref wait, ref run, .. } =
            self.lanes[lane.index()];
        LaneStats {
            active: granted - settled,
            pending: self.pending(lane),
            granted,
            settled,
            rejected,
            wait: wait.quantiles(),
            run: run.quantiles(),
        }
    }
}
