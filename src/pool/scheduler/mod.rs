//! The scheduler: which worker runs which job next, for jobs of two lanes and workers that steal.
//!
//! Enters: jobs from any thread, and workers, which take a [`Seat`] and ask it for jobs.
//! Leaves: jobs for workers, and calls of [`Wake`] for workers that sleep.
//! Workers serve both lanes, or the online lane only ([`Serves`]): the latter are the reserve.
//! `queues.rs` moves jobs, `lanes.rs` counts them and applies the lane policy, and `sleep/` decides
//! which worker is woken.

use std::fmt;
use std::sync::Arc;

use self::lanes::Lanes;
use self::queues::{Deques, Queues, Reach};
use self::sleep::{LeftTo, Sleep};
use crate::limiter::{DEFAULT_OFFLINE_SHARE, Lane};
use crate::pool::error::{Closed, Error};
use crate::sync::{AtomicUsize, Mutex, Ordering, thread};
use crate::wake::Wake;

mod lanes;
mod queues;
mod sleep;

/// A unit of work, as the scheduler sees it.
pub trait Job: Send + 'static {
    /// Asked once, by the worker that took this job: should it still run? A job that was cancelled
    /// while it waited returns `false`. The worker then drops it and takes another one. Neither
    /// this call nor that drop may panic or take long, because other jobs may wait for this worker.
    fn claim(&mut self) -> bool {
        true
    }
}

impl Job for Box<dyn FnOnce() + Send> {}

/// The options of a scheduler.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// The largest number of workers that serve both lanes: 1 or more.
    pub threads: usize,
    /// The largest number of further workers, which serve the online lane only. Default: 1. So
    /// offline jobs can have all of `threads`, and an online job finds a worker at once.
    pub reserve: usize,
    /// The smallest part of all taken jobs that are offline jobs, while offline jobs wait and may
    /// run: from 0 (strict priority) to 1 (offline first). Default: 1/16.
    pub offline_share: f64,
    /// Whether workers take one job at a time. The jobs of a lane then begin in the order of their
    /// arrival, however long each runs. By default a worker takes a batch, which costs less for
    /// short jobs. Other workers steal what it cannot run soon, but later jobs may have begun by
    /// then.
    pub in_order: bool,
}

impl Options {
    /// This many threads, and the default for everything else.
    pub fn new(threads: usize) -> Self {
        Self { threads, reserve: 1, offline_share: DEFAULT_OFFLINE_SHARE, in_order: false }
    }

    /// Sets [`reserve`](Self::reserve).
    #[must_use]
    pub fn reserve(mut self, reserve: usize) -> Self {
        self.reserve = reserve;
        self
    }

    /// Sets [`offline_share`](Self::offline_share).
    #[must_use]
    pub fn offline_share(mut self, offline_share: f64) -> Self {
        self.offline_share = offline_share;
        self
    }

    /// Sets [`in_order`](Self::in_order).
    #[must_use]
    pub fn in_order(mut self, in_order: bool) -> Self {
        self.in_order = in_order;
        self
    }
}

/// Which jobs a worker takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Serves {
    /// Online jobs: the worker is one of the [`reserve`](Options::reserve).
    OnlineOnly,
    /// Online and offline jobs: the worker is one of the [`threads`](Options::threads).
    BothLanes,
}

impl Serves {
    /// Whether such a worker takes jobs of a lane.
    pub fn lane(self, lane: Lane) -> bool {
        lane == Lane::Online || self == Self::BothLanes
    }
}

type Waker = Mutex<Option<Arc<dyn Wake>>>;

/// Jobs that wait, and the workers that take them.
///
/// A worker checks every queue for online jobs before it takes an offline job, unless the offline
/// share is due. The workers of the reserve take no offline jobs. See the [module](super).
pub struct Scheduler<J> {
    queues: Queues<J>,
    lanes: Lanes,
    sleep: Sleep,
    seated: AtomicUsize,
    /// By seat: how to wake its worker.
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
        let Options { threads, reserve, offline_share, in_order } = options;
        if threads == 0 {
            return Err(Error::Threads { given: threads });
        }
        let lanes = Lanes::new(offline_share)?;
        Ok(Self {
            lanes,
            queues: Queues::new(threads + reserve, in_order),
            sleep: Sleep::new(threads),
            seated: AtomicUsize::new(0),
            wakers: (0..threads + reserve).map(|_| Mutex::new(None)).collect(),
        })
    }

    /// Queues a job, and wakes a worker for it if no worker is searching.
    ///
    /// # Errors
    /// Returns the job if the scheduler is closed.
    pub fn submit(&self, lane: Lane, job: J) -> Result<(), Closed<J>> {
        if !self.lanes.admit(lane, 1) {
            return Err(Closed(job));
        }
        self.queues.push(lane, job);
        self.wake_for(lane, 1);
        Ok(())
    }

    /// Queues jobs in their order, and then wakes as many workers as may run them at once.
    ///
    /// # Errors
    /// Returns all jobs if the scheduler is closed.
    pub fn submit_all(&self, lane: Lane, jobs: Vec<J>) -> Result<(), Closed<Vec<J>>> {
        let number = jobs.len();
        if !self.lanes.admit(lane, number) {
            return Err(Closed(jobs));
        }
        for job in jobs {
            self.queues.push(lane, job);
        }
        self.wake_for(lane, number);
        Ok(())
    }

    /// Takes a seat for a new worker. None if all seats of that kind are taken.
    pub fn sit(self: &Arc<Self>, serves: Serves, waker: Arc<dyn Wake>) -> Option<Seat<J>> {
        let (index, deques) = self.queues.occupy(|seat| self.sleep.serves(seat) == serves)?;
        *self.wakers[index].lock() = Some(waker);
        self.seated.fetch_add(1, Ordering::Relaxed);
        Some(Seat {
            scheduler: Arc::clone(self),
            index,
            serves,
            deques: Some(deques),
            asleep: false,
            under_way: [0, 0],
        })
    }

    /// Gives a job to the least busy sleeping worker that serves its lane. It is not queued, and no
    /// other worker can steal it: this is for a job that can be sent to one worker only. Returns the
    /// seat, whose worker must be woken and call [`Seat::accept`]. None if no such worker sleeps, or
    /// if the policy lets no job of that lane begin now. The job then has to be queued.
    pub fn assign(&self, lane: Lane) -> Option<usize> {
        if lane == Lane::Offline && self.lanes.pending(Lane::Online) > 0 {
            return None;
        }
        let seat = self.sleep.wake_least_busy(lane)?;
        self.lanes.granted(lane);
        Some(seat)
    }

    /// Whether a job may be given to one worker that is awake and has room for it. The caller chooses
    /// a worker that [serves](Self::serves) the lane, and the worker must call [`Seat::accept`].
    /// Returns how many jobs of the lane wait: the worker must have room for these, too, and look for
    /// them first. None if the policy lets no job of that lane begin now. The job then has to be
    /// queued.
    pub fn assign_awake(&self, lane: Lane) -> Option<usize> {
        let [online, offline] = Lane::ALL.map(|lane| self.lanes.pending(lane));
        match lane {
            Lane::Online => Some(online),
            Lane::Offline => (online + offline == 0).then_some(0),
        }
    }

    /// Which jobs the worker of a seat takes.
    pub fn serves(&self, seat: usize) -> Serves {
        self.sleep.serves(seat)
    }

    /// Jobs of a lane that no worker has taken yet.
    pub fn pending(&self, lane: Lane) -> usize {
        self.lanes.pending(lane)
    }

    /// Refuses jobs from now on. Jobs that wait still run. Then every worker is told to leave.
    pub fn close(&self) {
        // 1. No more jobs are let in. A `submit` that has counted its job before this still pushes
        //    it.
        // 2. If no job waits, sleeping workers have no reason to stay. If one does, the worker that
        //    takes the last job wakes them.
        if self.lanes.close() {
            self.wake_all();
        }
    }

    /// Takes back all jobs that wait, in no particular order, without the cancelled ones. A job
    /// that a worker is moving to its seat at that moment may stay, to be run or drained later.
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

    fn wake_for(&self, lane: Lane, jobs: usize) {
        for _ in 0..jobs {
            if !self.wake_one(lane) {
                break;
            }
        }
    }

    fn wake_one(&self, lane: Lane) -> bool {
        self.sleep.wake_one(lane).map(|seat| self.wake(seat)).is_some()
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

/// What a worker must do next.
#[derive(Debug)]
pub enum Take<J> {
    /// Run this job, and then call [`Seat::finish`].
    Job(Lane, J),
    /// Sleep until it is woken, and then take again.
    Sleep,
    /// There is a job, but a less busy worker was told to wake for it. Sleep until it is woken, or
    /// for a few milliseconds at most, and then [`take_regardless`](Seat::take_regardless): the other
    /// worker's thread may be busy with something that is no job. Only a worker that has jobs under
    /// way gets this.
    Later,
    /// Leave: the scheduler is closed and all jobs were taken.
    Leave,
}

/// A worker's place at the scheduler. Dropping it leaves the jobs in its deques to other workers,
/// and counts the jobs that it took as finished. If no other seat is taken, these jobs wait until
/// one is; see [`Scheduler::pending`].
pub struct Seat<J: Job> {
    scheduler: Arc<Scheduler<J>>,
    index: usize,
    serves: Serves,
    /// None only during `drop`.
    deques: Option<Deques<J>>,
    asleep: bool,
    /// By lane: jobs taken and not finished.
    under_way: [usize; 2],
}

impl<J: Job> Seat<J> {
    /// The number of this seat, below the number of threads. A later worker may get it again.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Takes the next job. After [`Take::Sleep`] and [`Take::Later`] the worker counts as asleep
    /// until it is woken or calls this.
    pub fn take(&mut self) -> Take<J> {
        self.get_up();
        if self.leave_to_less_busy() { Take::Later } else { self.take_from_queues() }
    }

    /// Takes the next job, though a less busy worker was told to wake for it and has not come.
    pub fn take_regardless(&mut self) -> Take<J> {
        self.scheduler.sleep.pass_over_told();
        self.take_from_queues()
    }

    /// A worker with nothing under way never asks, so this costs only those that may run several
    /// jobs at a time.
    fn leave_to_less_busy(&mut self) -> bool {
        let load = self.load();
        if load == 0 {
            return false;
        }
        let Some(lane) = self.lane_of_work(Reach::Siblings) else { return false };
        let left_to = self.scheduler.sleep.leave_job(lane, self.index, load);
        if let Some(LeftTo::Sleeper(seat)) = left_to {
            self.scheduler.wake(seat);
        }
        self.asleep = left_to.is_some();
        self.asleep
    }

    /// The lane of a job that this worker would find; online if there are jobs of both.
    fn lane_of_work(&self, offline_reach: Reach) -> Option<Lane> {
        let has = |lane, reach| self.scheduler.queues.has(lane, self.index, reach);
        if has(Lane::Online, Reach::Siblings) {
            Some(Lane::Online)
        } else if self.serves.lane(Lane::Offline) && has(Lane::Offline, offline_reach) {
            Some(Lane::Offline)
        } else {
            None
        }
    }

    fn load(&self) -> usize {
        self.under_way.iter().sum()
    }

    /// A job that was [assigned](Scheduler::assign) to this seat is under way here.
    pub fn accept(&mut self, lane: Lane) {
        self.get_up();
        self.under_way[lane.index()] += 1;
    }

    fn take_from_queues(&mut self) -> Take<J> {
        loop {
            self.get_up();
            let others = self.scheduler.sleep.search();
            // At most half of the workers search their siblings' offline deques at a time; the
            // first worker always does. More workers would mostly find empty deques.
            let crowded = others > 0 && 2 * others >= self.scheduler.seated.load(Ordering::Relaxed);
            let reach = if crowded { Reach::Own } else { Reach::Siblings };
            if let Some((lane, job)) = self.look(reach) {
                if self.scheduler.sleep.stop_searching() {
                    self.wake_for_the_rest();
                }
                self.under_way[lane.index()] += 1;
                return Take::Job(lane, job);
            }
            let last = self.scheduler.sleep.fall_asleep(self.index, self.load());
            self.asleep = true;
            let reach = if last { Reach::Siblings } else { reach };
            if self.lane_of_work(reach).is_some() {
                thread::yield_now();
            } else if self.scheduler.lanes.is_over() {
                self.get_up();
                return Take::Leave;
            } else {
                if last && self.serves == Serves::OnlineOnly {
                    self.wake_for_the_rest(); // offline jobs relied on this searcher
                }
                return Take::Sleep;
            }
        }
    }

    /// A job of that lane, which was taken here, has ended in any way.
    ///
    /// # Panics
    /// If more jobs of a lane end than were taken here.
    pub fn finish(&mut self, lane: Lane) {
        let under_way = &mut self.under_way[lane.index()];
        *under_way = under_way.checked_sub(1).expect("a job of that lane was taken here");
    }

    /// Wakes a worker for each lane of which jobs are left, whether or not this one serves it.
    fn wake_for_the_rest(&self) {
        let Scheduler { queues, .. } = &*self.scheduler;
        for lane in Lane::ALL {
            if queues.has(lane, self.index, Reach::Siblings) {
                self.scheduler.wake_one(lane);
            }
        }
    }

    fn get_up(&mut self) {
        if std::mem::take(&mut self.asleep) {
            self.scheduler.sleep.get_up(self.index);
        }
    }

    fn look(&self, offline_reach: Reach) -> Option<(Lane, J)> {
        let lanes = &self.scheduler.lanes;
        let served = lanes.order().into_iter().filter(|&lane| self.serves.lane(lane));
        let mut reaches = served.map(|lane| match lane {
            Lane::Online => (lane, Reach::Siblings),
            Lane::Offline => (lane, offline_reach),
        });
        reaches.find_map(|(lane, reach)| {
            let job = self.look_in(lane, reach)?;
            lanes.granted(lane);
            Some((lane, job))
        })
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
        // 1. This seat is not woken any more. A wake-up that is under way has no effect.
        self.get_up();
        *self.scheduler.wakers[self.index].lock() = None;
        // 2. Other workers get the jobs in the deques.
        if let Some(deques) = self.deques.take() {
            self.scheduler.queues.vacate(self.index, deques);
        }
        self.scheduler.seated.fetch_sub(1, Ordering::Relaxed);
        // 3. If there is work, in this seat's deques or what it was woken for, the wake-up is
        //    passed on.
        self.wake_for_the_rest();
    }
}

impl<J: Job> fmt::Debug for Seat<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seat").field("index", &self.index).finish_non_exhaustive()
    }
}
