//! The statistics of a pool, by lane: counts, and how long jobs waited and ran.

use crate::limiter::{Buckets, Durations, Lane, LaneStats};

#[derive(Debug, Default)]
struct LaneCounts {
    submitted: u64,
    granted: u64,
    settled: u64,
    rejected: u64,
    dropped: u64,
    wait: Durations,
    run: Durations,
}

/// Counts and times of both lanes, in tasks: a job may be several tasks that travel together. Every
/// job is timed. Reading the clock costs nothing beside sending a job to another thread.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    lanes: [LaneCounts; 2],
    busy: u64,
}

impl Recorder {
    /// Tasks were queued.
    pub(crate) fn submitted(&mut self, lane: Lane, tasks: u32) {
        self.lanes[lane.index()].submitted += u64::from(tasks);
    }

    /// Tasks left the queue and will not run.
    pub(crate) fn dropped(&mut self, lane: Lane, tasks: u32) {
        self.lanes[lane.index()].dropped += u64::from(tasks);
    }

    /// Tasks began, after they waited this many nanoseconds.
    pub(crate) fn started(&mut self, lane: Lane, tasks: u32, waited: u64) {
        let lane = &mut self.lanes[lane.index()];
        lane.granted += u64::from(tasks);
        lane.wait.record(waited, tasks);
    }

    /// Some of the tasks that began together were not run, and will be queued again.
    pub(crate) fn returned(&mut self, lane: Lane, tasks: u32) {
        let lane = &mut self.lanes[lane.index()];
        lane.granted -= u64::from(tasks);
        lane.submitted -= u64::from(tasks);
    }

    /// Tasks, at least one, ended after this many nanoseconds in total.
    pub(crate) fn ended(&mut self, lane: Lane, tasks: u32, ran: u64, well: bool) {
        self.busy = self.busy.saturating_add(ran);
        let lane = &mut self.lanes[lane.index()];
        lane.settled += u64::from(tasks);
        lane.rejected += u64::from(!well);
        lane.run.record(ran / u64::from(tasks), tasks);
    }

    /// Nanoseconds that all ended jobs have run, in total.
    pub(crate) fn busy(&self) -> u64 {
        self.busy
    }

    /// Jobs of a lane that wait.
    pub(crate) fn pending(&self, lane: Lane) -> u64 {
        let LaneCounts { submitted, granted, dropped, .. } = self.lanes[lane.index()];
        submitted - granted - dropped
    }

    /// One lane's numbers.
    pub(crate) fn stats(&self, lane: Lane) -> LaneStats {
        let LaneCounts { granted, settled, rejected, ref wait, ref run, .. } =
            self.lanes[lane.index()];
        LaneStats {
            active: granted - settled,
            pending: self.pending(lane),
            granted,
            settled,
            rejected,
            wait: wait.quantiles(0),
            run: run.quantiles(0),
            ..LaneStats::default()
        }
    }

    /// How long jobs of a lane have waited and run, as histograms.
    pub(crate) fn buckets(&self, lane: Lane) -> [Buckets; 2] {
        let LaneCounts { wait, run, .. } = &self.lanes[lane.index()];
        [wait.buckets(0), run.buckets(0)]
    }
}
