//! The state that the threads of one pool share.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use parking_lot::Mutex;

use super::payload::Payload;
use crate::clock::{Clock, MonotonicClock};
use crate::limiter::Lane;
use crate::node::event_loop::doorbell::Doorbell;
use crate::pool::recorder::Recorder;
use crate::pool::{Error, Job, Options, Scheduler};

/// A job of the user's, as it waits in the queues. It is not decided yet which worker runs it.
pub(super) struct QueuedJob {
    pub(super) number: u32,
    pub(super) lane: Lane,
    /// The number of the function to call.
    pub(super) function: u32,
    /// What the shim wants to know later.
    pub(super) flags: i32,
    /// How many tasks the job has.
    tasks: u32,
    /// Empty until the job is claimed, if it can be cancelled.
    pub(super) payload: Payload,
    queued_at: u64,
    /// None if the job cannot be cancelled.
    shared_payload: Option<SharedPayload>,
}

/// The payload of a job that can be cancelled. The thread that takes it out either runs the job or
/// has cancelled it. So the memory of a cancelled job is freed at once, and not when a worker finds
/// the job.
type SharedPayload = Arc<Mutex<Option<Payload>>>;

impl Job for QueuedJob {
    fn claim(&mut self) -> bool {
        let Some(shared_payload) = &self.shared_payload else { return true };
        let Some(payload) = shared_payload.lock().take() else { return false };
        self.payload = payload;
        true
    }
}

/// A flag: the job can be cancelled.
pub(super) const CANCELLABLE: i32 = 1;
/// A flag: the parent is told when the job begins.
pub(super) const TELL_START: i32 = 2;
/// A flag: the task goes by a message, which the parent can send at once if it knows the worker. The
/// worker finds this flag only on a job that was assigned to it.
pub(super) const BY_MESSAGE: i32 = 4;

/// What happened to a job, as the shim numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JobEvent {
    Fulfilled = 0,
    Rejected = 1,
    Started = 2,
    Crashed = 3,
}

impl JobEvent {
    pub(super) fn of_outcome(number: i32) -> Self {
        if number == Self::Rejected as i32 { Self::Rejected } else { Self::Fulfilled }
    }
}

/// A message to the parent about a job.
pub(super) struct Message {
    pub(super) job: u32,
    pub(super) event: JobEvent,
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

/// A job that was given to one worker.
pub(super) struct Assigned {
    pub(super) job: QueuedJob,
    /// How many jobs of its lane waited in the queue then. The worker looks for these first.
    pub(super) behind: usize,
}

/// One worker thread, as the parent sees it.
pub(super) struct WorkerState {
    pub(super) id: u32,
    seat: usize,
    pub(super) doorbell: Arc<Doorbell>,
    pub(super) running: Mutex<Vec<Running>>,
    /// Jobs that were assigned to this worker, until it takes them. They are in `running` already.
    /// Locked after `running`.
    pub(super) assigned: Mutex<VecDeque<Assigned>>,
    /// The worker takes no more jobs, and leaves when it has none. Set under the lock of `running`
    /// when it has left.
    pub(super) retired: AtomicBool,
    /// Running jobs whose signal must be aborted. Locked after `running`.
    pub(super) interrupts: Mutex<Vec<u32>>,
    seated_at: u64,
    /// When it last ended a job.
    idle_since: AtomicU64,
}

/// What is needed to cancel a job.
struct Cancellable {
    lane: Lane,
    tasks: u32,
    shared_payload: SharedPayload,
}

pub(super) struct SharedPool {
    pub(super) scheduler: Arc<Scheduler<QueuedJob>>,
    jobs_per_thread: usize,
    /// By how much the nice value of a worker rises for offline jobs.
    pub(super) nice_increment: i32,
    pub(super) parent: Arc<Doorbell>,
    pub(super) messages: Mutex<Vec<Message>>,
    /// Descriptions of the functions to call, by number.
    pub(super) functions: Mutex<Vec<String>>,
    pub(super) workers: Mutex<HashMap<u32, Arc<WorkerState>>>,
    /// Jobs that can be cancelled and have not begun, by number.
    cancellable: Mutex<HashMap<u32, Cancellable>>,
    recorder: Mutex<Recorder>,
    /// Nanoseconds for which the workers that have left were seated.
    past_seated: AtomicU64,
    clock: MonotonicClock,
}

/// The pools of the process, by number: a worker thread gets only the number of its pool. Numbers
/// are not reused, so that a late worker does not find another pool.
static POOLS: LazyLock<Mutex<HashMap<u32, Arc<SharedPool>>>> = LazyLock::new(Mutex::default);
static NEXT_POOL: AtomicU32 = AtomicU32::new(0);

pub(super) fn pool(id: u32) -> Option<Arc<SharedPool>> {
    POOLS.lock().get(&id).cloned()
}

pub(super) fn forget(id: u32) {
    POOLS.lock().remove(&id);
}

impl SharedPool {
    /// Makes a pool and gives it a number.
    pub(super) fn create(
        options: Options,
        jobs_per_thread: usize,
        nice_increment: i32,
        parent: Arc<Doorbell>,
    ) -> Result<(u32, Arc<Self>), Error> {
        let shared = Arc::new(Self {
            scheduler: Arc::new(Scheduler::new(options)?),
            jobs_per_thread,
            nice_increment,
            parent,
            messages: Mutex::default(),
            functions: Mutex::default(),
            workers: Mutex::default(),
            cancellable: Mutex::default(),
            recorder: Mutex::default(),
            past_seated: AtomicU64::new(0),
            clock: MonotonicClock::default(),
        });
        let id = NEXT_POOL.fetch_add(1, Ordering::Relaxed);
        POOLS.lock().insert(id, Arc::clone(&shared));
        Ok((id, shared))
    }

    /// Makes a job that is ready to be queued.
    pub(super) fn prepare(
        &self,
        number: u32,
        lane: Lane,
        function: u32,
        flags: i32,
        tasks: u32,
        payload: Payload,
    ) -> QueuedJob {
        let (payload, shared_payload) = if flags & CANCELLABLE != 0 {
            let shared_payload: SharedPayload = Arc::new(Mutex::new(Some(payload)));
            let cancellable =
                Cancellable { lane, tasks, shared_payload: Arc::clone(&shared_payload) };
            self.cancellable.lock().insert(number, cancellable);
            (Payload::default(), Some(shared_payload))
        } else {
            (payload, None)
        };
        self.recorder.lock().submitted(lane, tasks);
        QueuedJob {
            number,
            lane,
            function,
            flags,
            tasks,
            payload,
            queued_at: self.clock.now(),
            shared_payload,
        }
    }

    /// Takes a job out of the queue. Returns `false` if it has begun.
    pub(super) fn cancel(&self, number: u32) -> bool {
        let Some(Cancellable { lane, tasks, shared_payload }) =
            self.cancellable.lock().remove(&number)
        else {
            return false;
        };
        let cancelled = shared_payload.lock().take().is_some();
        if cancelled {
            self.recorder.lock().dropped(lane, tasks);
        }
        cancelled
    }

    /// Takes back all jobs that wait, and returns their numbers.
    pub(super) fn drain(&self) -> Vec<u32> {
        let drained = self.scheduler.drain();
        let mut recorder = self.recorder.lock();
        for (lane, job) in &drained {
            recorder.dropped(*lane, job.tasks);
        }
        let mut cancellable = self.cancellable.lock();
        for (_, job) in &drained {
            cancellable.remove(&job.number);
        }
        drained.into_iter().map(|(_, job)| job.number).collect()
    }

    pub(super) fn post(&self, message: Message) {
        self.messages.lock().push(message);
        self.parent.ring();
    }

    /// A worker has taken a job. `running` are the jobs that it runs.
    pub(super) fn started(&self, worker: u32, running: &mut Vec<Running>, job: &QueuedJob) {
        let now = self.clock.now();
        let QueuedJob { number, lane, tasks, .. } = *job;
        self.recorder.lock().started(lane, tasks, now.saturating_sub(job.queued_at));
        running.push(Running { number, lane, tasks, started: now });
        if job.flags & CANCELLABLE != 0 {
            self.cancellable.lock().remove(&job.number);
        }
        if job.flags & TELL_START != 0 {
            self.post(Message {
                job: job.number,
                event: JobEvent::Started,
                worker,
                ran: 0,
                payload: Payload::default(),
            });
        }
    }

    /// Records a job that has ended after `done` of its tasks. Returns the nanoseconds that it
    /// took.
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
        let mut recorder = self.recorder.lock();
        recorder.returned(lane, tasks - done);
        recorder.ended(lane, done, ran, well);
        ran
    }

    /// Begins a job at one worker, from which no other can take it: at the least busy worker that
    /// sleeps, or at one that is awake and has room. Returns that worker's id, or the job if it has
    /// to be queued.
    pub(super) fn assign(&self, job: QueuedJob) -> Result<u32, QueuedJob> {
        let lane = job.lane;
        let (worker, behind) = if let Some(seat) = self.scheduler.assign(lane) {
            (self.workers.lock().values().find(|worker| worker.seat == seat).cloned(), 0)
        } else if let Some(behind) = self.scheduler.assign_awake(lane) {
            let workers = self.workers.lock();
            let serving =
                workers.values().filter(|worker| self.scheduler.serves(worker.seat).lane(lane));
            (serving.min_by_key(|worker| worker.running.lock().len()).cloned(), behind)
        } else {
            return Err(job);
        };
        match worker {
            Some(worker) => self.assign_to(&worker, job, behind),
            None => Err(job),
        }
    }

    fn assign_to(
        &self,
        worker: &WorkerState,
        mut job: QueuedJob,
        behind: usize,
    ) -> Result<u32, QueuedJob> {
        let mut running = worker.running.lock();
        let has_room = running.len() + behind < self.jobs_per_thread;
        if !has_room || worker.retired.load(Ordering::SeqCst) || !job.claim() {
            return Err(job);
        }
        self.started(worker.id, &mut running, &job);
        worker.assigned.lock().push_back(Assigned { job, behind });
        drop(running);
        worker.doorbell.ring();
        Ok(worker.id)
    }

    pub(super) fn enter(&self, id: u32, seat: usize, doorbell: Arc<Doorbell>) -> Arc<WorkerState> {
        let now = self.clock.now();
        let worker = Arc::new(WorkerState {
            id,
            seat,
            doorbell,
            running: Mutex::default(),
            assigned: Mutex::default(),
            retired: AtomicBool::new(false),
            interrupts: Mutex::default(),
            seated_at: now,
            idle_since: AtomicU64::new(now),
        });
        self.workers.lock().insert(id, Arc::clone(&worker));
        worker
    }

    pub(super) fn leave(&self, worker: &WorkerState) {
        self.workers.lock().remove(&worker.id);
        let seated = self.clock.now().saturating_sub(worker.seated_at);
        self.past_seated.fetch_add(seated, Ordering::Relaxed);
    }

    /// Tells the worker that runs a job to abort the job's signal, and returns that worker, if
    /// there is one.
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

    /// The worker that runs a job, and whether the worker has been told to abort the job's signal
    /// and has not done so: its thread is busy.
    pub(super) fn worker_of(&self, number: u32) -> Option<(u32, bool)> {
        let workers = self.workers.lock();
        let worker = workers
            .values()
            .find(|worker| worker.running.lock().iter().any(|running| running.number == number))?;
        let is_blocked = worker.interrupts.lock().contains(&number);
        Some((worker.id, is_blocked))
    }

    /// Workers that run nothing, with the nanoseconds since they last did.
    pub(super) fn idle(&self) -> Vec<(u32, u64)> {
        let now = self.clock.now();
        let workers = self.workers.lock();
        let idle = workers.values().filter(|worker| worker.running.lock().is_empty());
        idle.map(|worker| {
            (worker.id, now.saturating_sub(worker.idle_since.load(Ordering::Relaxed)))
        })
        .collect()
    }

    pub(super) fn with_recorder<R>(&self, read: impl FnOnce(&Recorder) -> R) -> R {
        read(&self.recorder.lock())
    }

    /// The part of all workers' time in which they ran jobs, from 0 to 1. It is above 1 if a worker
    /// runs several jobs at a time.
    pub(super) fn utilization(&self) -> f64 {
        // Read before the locks are taken: a worker may enter, and a job start, after it.
        let now = self.clock.now();
        let seated: u64 = self
            .workers
            .lock()
            .values()
            .map(|worker| now.saturating_sub(worker.seated_at))
            .sum::<u64>()
            + self.past_seated.load(Ordering::Relaxed);
        let running: u64 = self
            .workers
            .lock()
            .values()
            .flat_map(|worker| {
                worker
                    .running
                    .lock()
                    .iter()
                    .map(|running| now.saturating_sub(running.started))
                    .collect::<Vec<_>>()
            })
            .sum();
        if seated == 0 {
            return 0.0;
        }
        (self.recorder.lock().busy() + running) as f64 / seated as f64
    }
}
