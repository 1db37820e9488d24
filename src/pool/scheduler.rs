//! Who runs what next: jobs of two lanes, for workers that steal from each other.

use std::fmt;
use std::sync::Arc;

use super::error::{Closed, Error};
use super::lanes::Lanes;
use super::queues::{Deques, Queues, Reach};
use super::sleep::Sleep;
use crate::limiter::{DEFAULT_OFFLINE_SHARE, Lane};
use crate::sync::{AtomicUsize, Mutex, Ordering, thread};
use crate::wake::Wake;

/// A unit of work, as the scheduler sees it.
pub trait Job: Send + 'static {
    /// Asked once, by the worker that took this job: whether it is still to be run. A job that was
    /// cancelled while it waited says no, and the worker drops it and takes another. Neither this nor
    /// that drop may panic or take long: others may wait for the worker to look on.
    fn claim(&mut self) -> bool {
        true
    }
}

impl Job for Box<dyn FnOnce() + Send> {}

/// How a scheduler is made.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// How many workers there are at most; from 1.
    pub threads: usize,
    /// How many of them never do offline work; below `threads`. None is 1, or 0 for a single thread.
    pub reserve: Option<usize>,
    /// The part of all jobs taken that are offline ones while offline waits and may run, from 0
    /// (strict priority) to 1 (offline first); 1/16 by default.
    pub offline_share: f64,
    /// How many jobs a worker may have under way at a time; from 1, the default. The `reserve` keeps as
    /// many jobs of each of its threads free.
    pub jobs_per_thread: usize,
    /// Whether workers take one job at a time, so that the jobs of a lane begin in the order they came
    /// in, however long each runs. By default a worker takes a batch, which is cheaper where jobs are
    /// short: what it can't run soon is stolen from it, but later jobs may have begun by then.
    pub in_order: bool,
}

impl Options {
    /// So many threads, and the default for all else.
    pub fn new(threads: usize) -> Self {
        Self {
            threads,
            reserve: None,
            offline_share: DEFAULT_OFFLINE_SHARE,
            jobs_per_thread: 1,
            in_order: false,
        }
    }

    /// Sets [`reserve`](Self::reserve).
    #[must_use]
    pub fn reserve(mut self, reserve: usize) -> Self {
        self.reserve = Some(reserve);
        self
    }

    /// Sets [`offline_share`](Self::offline_share).
    #[must_use]
    pub fn offline_share(mut self, offline_share: f64) -> Self {
        self.offline_share = offline_share;
        self
    }

    /// Sets [`jobs_per_thread`](Self::jobs_per_thread).
    #[must_use]
    pub fn jobs_per_thread(mut self, jobs: usize) -> Self {
        self.jobs_per_thread = jobs;
        self
    }

    /// Sets [`in_order`](Self::in_order).
    #[must_use]
    pub fn in_order(mut self, in_order: bool) -> Self {
        self.in_order = in_order;
        self
    }
}

type Waker = Mutex<Option<Arc<dyn Wake>>>;

/// Jobs that wait, and the workers that take them.
///
/// Online jobs are looked for in every queue before any offline one is taken, unless the offline share
/// is due; at most `threads - reserve` workers do offline work at a time. See the [module](super).
pub struct Scheduler<J> {
    queues: Queues<J>,
    lanes: Lanes,
    sleep: Sleep,
    seated: AtomicUsize,
    /// How to wake who sits there, by seat.
    wakers: Box<[Waker]>,
}

impl<J> fmt::Debug for Scheduler<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheduler")
            .field("seats", &self.wakers.len())
            .field("lanes", &self.lanes)
            .field("sleep", &self.sleep)
            .finish_non_exhaustive()
    }
}

impl<J: Job> Scheduler<J> {
    /// A scheduler without workers.
    ///
    /// # Errors
    /// If an option is out of its range.
    pub fn new(options: Options) -> Result<Self, Error> {
        let Options { threads, reserve, offline_share, jobs_per_thread, in_order } = options;
        let reserve = reserve.unwrap_or(usize::from(threads > 1));
        Ok(Self {
            lanes: Lanes::new(threads, reserve, jobs_per_thread, offline_share)?,
            queues: Queues::new(threads, in_order),
            sleep: Sleep::new(),
            seated: AtomicUsize::new(0),
            wakers: (0..threads).map(|_| Mutex::new(None)).collect(),
        })
    }

    /// Queues a job, and wakes a worker for it if none is looking.
    ///
    /// # Errors
    /// Gives the job back once the scheduler is closed.
    pub fn submit(&self, lane: Lane, job: J) -> Result<(), Closed<J>> {
        if !self.lanes.let_in(lane, 1) {
            return Err(Closed(job));
        }
        self.queues.push(lane, job);
        self.wake_for(lane, 1);
        Ok(())
    }

    /// Queues jobs in their order, and then wakes as many workers as may run them at once.
    ///
    /// # Errors
    /// Gives the jobs back once the scheduler is closed: all of them or none.
    pub fn submit_all(&self, lane: Lane, jobs: Vec<J>) -> Result<(), Closed<Vec<J>>> {
        let number = jobs.len();
        if !self.lanes.let_in(lane, number) {
            return Err(Closed(jobs));
        }
        for job in jobs {
            self.queues.push(lane, job);
        }
        self.wake_for(lane, number);
        Ok(())
    }

    /// Takes a seat for a new worker; none if all are taken.
    pub fn sit(self: &Arc<Self>, waker: Arc<dyn Wake>) -> Option<Seat<J>> {
        let (index, deques) = self.queues.occupy()?;
        *self.wakers[index].lock() = Some(waker);
        self.seated.fetch_add(1, Ordering::Relaxed);
        Some(Seat {
            scheduler: Arc::clone(self),
            index,
            deques: Some(deques),
            asleep: false,
            offline: 0,
        })
    }

    /// Jobs of a lane that no worker has taken yet.
    pub fn pending(&self, lane: Lane) -> usize {
        self.lanes.pending(lane)
    }

    /// Refuses jobs from now on. Those that wait are run, and then every worker is told to leave.
    pub fn close(&self) {
        // 1. Nothing more is let in. A `submit` that has counted its job before this still pushes it.
        // 2. If nothing waits, the workers that sleep have nothing to stay for. If something does,
        //    whoever takes the last of it does this.
        if self.lanes.close() {
            self.wake_all();
        }
    }

    /// Takes back all that waits, in no particular order; cancelled jobs are left out. A job that a
    /// worker is just moving to its seat may stay behind, to be run or drained later.
    pub fn drain(&self) -> Vec<(Lane, J)> {
        let mut drained = Vec::new();
        for lane in Lane::ALL {
            while let Some(mut job) = self.queues.take_any(lane) {
                self.take_from_count(lane);
                if job.claim() {
                    drained.push((lane, job));
                }
            }
        }
        drained
    }

    fn take_from_count(&self, lane: Lane) {
        if self.lanes.taken(lane) {
            self.wake_all();
        }
    }

    /// Whether a worker would find a job that it may run.
    fn has_work(&self, seat: usize, offline_reach: Reach) -> bool {
        self.queues.has(Lane::Online, seat, Reach::Siblings)
            || (self.lanes.offline_permit_is_free()
                && self.queues.has(Lane::Offline, seat, offline_reach))
    }

    fn release_offline(&self) {
        if self.lanes.release_offline() {
            self.wake_one();
        }
    }

    /// Jobs that may not run yet wake nobody: who gives a permit back does.
    fn wake_for(&self, lane: Lane, jobs: usize) {
        for _ in 0..jobs.min(self.lanes.room(lane)) {
            if !self.wake_one() {
                break;
            }
        }
    }

    fn wake_one(&self) -> bool {
        self.sleep.wake_one().map(|seat| self.wake(seat)).is_some()
    }

    fn wake_all(&self) {
        for seat in self.sleep.wake_all() {
            self.wake(seat);
        }
    }

    fn wake(&self, seat: usize) {
        let waker = self.wakers[seat].lock().clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// What a worker is to do.
#[derive(Debug)]
pub enum Take<J> {
    /// Run this job, and then say [`Seat::finish`].
    Job(Lane, J),
    /// Sleep until it is woken, and then take again.
    Sleep,
    /// The scheduler is closed and all jobs were taken: leave.
    Leave,
}

/// A worker's place at the scheduler. Dropping it leaves the jobs in its deques to the others, and
/// counts those that it took as finished. If nobody else has a seat, jobs wait until somebody has:
/// [`Scheduler::pending`] tells.
pub struct Seat<J: Job> {
    scheduler: Arc<Scheduler<J>>,
    index: usize,
    /// Taken out by `drop` alone.
    deques: Option<Deques<J>>,
    asleep: bool,
    /// Offline permits held: jobs taken and not finished.
    offline: usize,
}

impl<J: Job> Seat<J> {
    /// The number of this seat, below the number of threads; a later worker may get it again.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The next job. After [`Take::Sleep`] the worker is among the sleepers, until it is woken or
    /// calls this.
    pub fn take(&mut self) -> Take<J> {
        loop {
            self.get_up();
            let others = self.scheduler.sleep.search();
            // Half of the workers may go through their siblings' offline deques at a time, and the
            // first always: more would find each other's leavings.
            let crowded = others > 0 && 2 * others >= self.scheduler.seated.load(Ordering::Relaxed);
            let reach = if crowded { Reach::Own } else { Reach::Siblings };
            if let Some((lane, job)) = self.look(reach) {
                if self.scheduler.sleep.stop_searching() {
                    self.wake_for_the_rest();
                }
                self.offline += usize::from(lane == Lane::Offline);
                return Take::Job(lane, job);
            }
            let last = self.scheduler.sleep.fall_asleep(self.index);
            self.asleep = true;
            let reach = if last { Reach::Siblings } else { reach };
            if self.scheduler.has_work(self.index, reach) {
                thread::yield_now();
            } else if self.scheduler.lanes.is_over() {
                self.get_up();
                return Take::Leave;
            } else {
                return Take::Sleep;
            }
        }
    }

    /// A job of that lane that was taken here has ended, whatever way.
    ///
    /// # Panics
    /// If more offline jobs end than were taken here.
    pub fn finish(&mut self, lane: Lane) {
        if lane == Lane::Offline {
            self.offline = self.offline.checked_sub(1).expect("an offline job was taken here");
            self.scheduler.release_offline();
        }
    }

    fn wake_for_the_rest(&self) {
        if self.scheduler.has_work(self.index, Reach::Siblings) {
            self.scheduler.wake_one();
        }
    }

    fn get_up(&mut self) {
        if std::mem::take(&mut self.asleep) {
            self.scheduler.sleep.get_up(self.index);
        }
    }

    fn look(&self, offline_reach: Reach) -> Option<(Lane, J)> {
        let lanes = &self.scheduler.lanes;
        lanes.order().into_iter().find_map(|lane| {
            let job = match lane {
                Lane::Online => self.look_in(lane, Reach::Siblings)?,
                Lane::Offline => self.look_in_offline(offline_reach)?,
            };
            lanes.granted(lane);
            Some((lane, job))
        })
    }

    /// Keeps the permit if there is a job for it.
    fn look_in_offline(&self, reach: Reach) -> Option<J> {
        let Scheduler { lanes, .. } = &*self.scheduler;
        if lanes.pending(Lane::Offline) == 0 || !lanes.acquire_offline() {
            return None;
        }
        let job = self.look_in(Lane::Offline, reach);
        if job.is_none() {
            self.scheduler.release_offline();
        }
        job
    }

    fn look_in(&self, lane: Lane, reach: Reach) -> Option<J> {
        let Scheduler { lanes, queues, .. } = &*self.scheduler;
        let deques = self.deques.as_ref()?;
        if lanes.pending(lane) == 0 {
            return None;
        }
        while let Some(mut job) = queues.take(lane, self.index, reach, deques) {
            self.scheduler.take_from_count(lane);
            if job.claim() {
                return Some(job);
            }
        }
        None
    }
}

impl<J: Job> Drop for Seat<J> {
    fn drop(&mut self) {
        // 1. Nobody is told to wake here any more; a waker that is on its way is of no use to anyone.
        self.get_up();
        *self.scheduler.wakers[self.index].lock() = None;
        // 2. The jobs in the deques are for others, and so are the permits.
        if let Some(deques) = self.deques.take() {
            self.scheduler.queues.vacate(self.index, deques);
        }
        self.scheduler.seated.fetch_sub(1, Ordering::Relaxed);
        for _ in 0..self.offline {
            self.scheduler.release_offline();
        }
        // 3. If there is work, this seat's or what it was told to wake for, the wake-up is passed on.
        self.wake_for_the_rest();
    }
}

impl<J: Job> fmt::Debug for Seat<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seat").field("index", &self.index).finish_non_exhaustive()
    }
}
