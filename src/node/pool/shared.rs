//! What the threads of one pool share.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use parking_lot::Mutex;

use super::super::doorbell::Doorbell;
use super::payload::Payload;
use crate::clock::{Clock, MonotonicClock};
use crate::limiter::Lane;
use crate::pool::record::Record;
use crate::pool::{Error, Job, Options, Scheduler};

/// A job of the user's, as it lies in the queues. Nobody has decided yet which worker runs it.
pub(super) struct QueuedJob {
    pub(super) number: u32,
    pub(super) lane: Lane,
    /// The number of the function to call.
    pub(super) function: u32,
    /// What the shim wants to know later on.
    pub(super) flags: i32,
    /// How many tasks it is.
    tasks: u32,
    /// Where the job can be cancelled: empty until it is claimed.
    pub(super) payload: Payload,
    came: u64,
    /// None if nobody can cancel the job.
    stake: Option<Stake>,
}

/// The payload of a job that can be cancelled. Who takes it out runs the job, or has cancelled it: its memory
/// does not wait for a worker to come by.
type Stake = Arc<Mutex<Option<Payload>>>;

impl Job for QueuedJob {
    fn claim(&mut self) -> bool {
        let Some(stake) = &self.stake else { return true };
        let Some(payload) = stake.lock().take() else { return false };
        self.payload = payload;
        true
    }
}

/// A flag: the job can be cancelled.
pub(super) const CANCELLABLE: i32 = 1;
/// A flag: the parent is told when the job begins.
pub(super) const TELL_START: i32 = 2;

/// What there is to tell of a job, as the shim numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    Fulfilled = 0,
    Rejected = 1,
    Started = 2,
    Crashed = 3,
}

impl News {
    pub(super) fn of_outcome(number: i32) -> Self {
        if number == Self::Rejected as i32 { Self::Rejected } else { Self::Fulfilled }
    }
}

/// A piece of news for the parent.
pub(super) struct Letter {
    pub(super) job: u32,
    pub(super) news: News,
    pub(super) worker: u32,
    /// Nanoseconds for which the job has run.
    pub(super) ran: u64,
    pub(super) payload: Payload,
}

/// A job that a worker has taken.
pub(super) struct Running {
    pub(super) number: u32,
    pub(super) lane: Lane,
    tasks: u32,
    started: u64,
}

/// One worker thread, as the parent sees it.
pub(super) struct WorkerState {
    pub(super) id: u32,
    pub(super) bell: Arc<Doorbell>,
    pub(super) running: Mutex<Vec<Running>>,
    /// It takes no more jobs, and leaves when it has none.
    pub(super) retired: AtomicBool,
    /// Jobs that it runs and whose signal it has to abort. Locked after `running`.
    pub(super) interrupts: Mutex<Vec<u32>>,
    sat_down: u64,
    /// When it last ended a job.
    idle_since: AtomicU64,
}

/// What it takes to cancel a job.
struct Cancellable {
    lane: Lane,
    tasks: u32,
    stake: Stake,
}

pub(super) struct SharedPool {
    pub(super) scheduler: Arc<Scheduler<QueuedJob>>,
    pub(super) parent: Arc<Doorbell>,
    pub(super) letters: Mutex<Vec<Letter>>,
    /// Descriptions of the functions to call, by number.
    pub(super) functions: Mutex<Vec<String>>,
    pub(super) workers: Mutex<HashMap<u32, Arc<WorkerState>>>,
    /// Jobs that can be cancelled and have not begun, by number.
    cancellable: Mutex<HashMap<u32, Cancellable>>,
    record: Mutex<Record>,
    /// Nanoseconds that workers which have left were seated.
    gone: AtomicU64,
    clock: MonotonicClock,
}

/// The pools of the process, by number: a worker thread gets no more than the number of its pool.
/// Numbers are not given twice, so that whoever comes late does not find another's pool.
static POOLS: LazyLock<Mutex<HashMap<u32, Arc<SharedPool>>>> = LazyLock::new(Mutex::default);
static NEXT_POOL: AtomicU32 = AtomicU32::new(0);

pub(super) fn pool(id: u32) -> Option<Arc<SharedPool>> {
    POOLS.lock().get(&id).cloned()
}

pub(super) fn forget(id: u32) {
    POOLS.lock().remove(&id);
}

impl SharedPool {
    /// Makes a pool and gives it its number.
    pub(super) fn create(
        options: Options,
        parent: Arc<Doorbell>,
    ) -> Result<(u32, Arc<Self>), Error> {
        let shared = Arc::new(Self {
            scheduler: Arc::new(Scheduler::new(options)?),
            parent,
            letters: Mutex::default(),
            functions: Mutex::default(),
            workers: Mutex::default(),
            cancellable: Mutex::default(),
            record: Mutex::default(),
            gone: AtomicU64::new(0),
            clock: MonotonicClock::default(),
        });
        let id = NEXT_POOL.fetch_add(1, Ordering::Relaxed);
        POOLS.lock().insert(id, Arc::clone(&shared));
        Ok((id, shared))
    }

    /// A job that is ready to be queued.
    pub(super) fn prepare(
        &self,
        number: u32,
        lane: Lane,
        function: u32,
        flags: i32,
        tasks: u32,
        payload: Payload,
    ) -> QueuedJob {
        let (payload, stake) = if flags & CANCELLABLE != 0 {
            let stake: Stake = Arc::new(Mutex::new(Some(payload)));
            let cancellable = Cancellable { lane, tasks, stake: Arc::clone(&stake) };
            self.cancellable.lock().insert(number, cancellable);
            (Payload::default(), Some(stake))
        } else {
            (payload, None)
        };
        self.record.lock().submitted(lane, tasks);
        QueuedJob { number, lane, function, flags, tasks, payload, came: self.clock.now(), stake }
    }

    /// Takes a job out of the queue; false if it has begun.
    pub(super) fn cancel(&self, number: u32) -> bool {
        let Some(Cancellable { lane, tasks, stake }) = self.cancellable.lock().remove(&number)
        else {
            return false;
        };
        let cancelled = stake.lock().take().is_some();
        if cancelled {
            self.record.lock().dropped(lane, tasks);
        }
        cancelled
    }

    /// Takes all that waits back, and gives the jobs' numbers.
    pub(super) fn drain(&self) -> Vec<u32> {
        let drained = self.scheduler.drain();
        let mut record = self.record.lock();
        for (lane, job) in &drained {
            record.dropped(*lane, job.tasks);
        }
        let mut cancellable = self.cancellable.lock();
        for (_, job) in &drained {
            cancellable.remove(&job.number);
        }
        drained.into_iter().map(|(_, job)| job.number).collect()
    }

    pub(super) fn post(&self, letter: Letter) {
        self.letters.lock().push(letter);
        self.parent.ring();
    }

    /// `running` is what that worker runs.
    pub(super) fn started(&self, worker: u32, running: &mut Vec<Running>, job: &QueuedJob) {
        let now = self.clock.now();
        let QueuedJob { number, lane, tasks, .. } = *job;
        self.record.lock().started(lane, tasks, now.saturating_sub(job.came));
        running.push(Running { number, lane, tasks, started: now });
        if job.flags & CANCELLABLE != 0 {
            self.cancellable.lock().remove(&job.number);
        }
        if job.flags & TELL_START != 0 {
            self.post(Letter {
                job: job.number,
                news: News::Started,
                worker,
                ran: 0,
                payload: Payload::default(),
            });
        }
    }

    /// Accounts for a job that has ended, `done` of whose tasks were run; gives the nanoseconds it took.
    pub(super) fn ended(
        &self,
        worker: &WorkerState,
        &Running { lane, tasks, started, .. }: &Running,
        done: u32,
        well: bool,
    ) -> u64 {
        let now = self.clock.now();
        worker.idle_since.store(now, Ordering::Relaxed);
        let ran = now.saturating_sub(started);
        let done = done.clamp(1, tasks);
        let mut record = self.record.lock();
        record.returned(lane, tasks - done);
        record.ended(lane, done, ran, well);
        ran
    }

    pub(super) fn enter(&self, id: u32, bell: Arc<Doorbell>) -> Arc<WorkerState> {
        let now = self.clock.now();
        let worker = Arc::new(WorkerState {
            id,
            bell,
            running: Mutex::default(),
            retired: AtomicBool::new(false),
            interrupts: Mutex::default(),
            sat_down: now,
            idle_since: AtomicU64::new(now),
        });
        self.workers.lock().insert(id, Arc::clone(&worker));
        worker
    }

    pub(super) fn leave(&self, worker: &WorkerState) {
        self.workers.lock().remove(&worker.id);
        self.gone.fetch_add(self.clock.now() - worker.sat_down, Ordering::Relaxed);
    }

    /// Leaves word for the worker that runs a job, if one does, and gives it.
    pub(super) fn interrupt(&self, number: u32) -> Option<Arc<WorkerState>> {
        let interrupts = |worker: &&Arc<WorkerState>| {
            let running = worker.running.lock();
            let runs = running.iter().any(|running| running.number == number);
            if runs {
                worker.interrupts.lock().push(number);
            }
            runs
        };
        self.workers.lock().values().find(interrupts).cloned()
    }

    /// Workers that run nothing, with how many nanoseconds they have not.
    pub(super) fn idle(&self) -> Vec<(u32, u64)> {
        let now = self.clock.now();
        let workers = self.workers.lock();
        let idle = workers.values().filter(|worker| worker.running.lock().is_empty());
        idle.map(|worker| {
            (worker.id, now.saturating_sub(worker.idle_since.load(Ordering::Relaxed)))
        })
        .collect()
    }

    pub(super) fn with_record<R>(&self, read: impl FnOnce(&Record) -> R) -> R {
        read(&self.record.lock())
    }

    /// The part of all the workers' time that they ran jobs, from 0 to 1 and above where a worker runs
    /// several at a time.
    pub(super) fn utilization(&self) -> f64 {
        let now = self.clock.now();
        let seated: u64 =
            self.workers.lock().values().map(|worker| now - worker.sat_down).sum::<u64>()
                + self.gone.load(Ordering::Relaxed);
        let running: u64 = self
            .workers
            .lock()
            .values()
            .flat_map(|worker| {
                worker
                    .running
                    .lock()
                    .iter()
                    .map(|running| now - running.started)
                    .collect::<Vec<_>>()
            })
            .sum();
        if seated == 0 {
            return 0.0;
        }
        (self.record.lock().busy() + running) as f64 / seated as f64
    }
}
