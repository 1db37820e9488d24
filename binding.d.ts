/** The hot calls and the wire that they take and give their numbers on; see `src/port/hot_calls.rs`. */
export type HotCalls = Record<'enqueue' | 'enterLine' | 'enqueueRequest' | 'enqueueBatch' | 'fulfil' | 'reject' | 'overload' | 'next' | 'active' | 'pending' | 'createGate' | 'dropGate' | 'concurrency' | 'setConcurrency' | 'takeMessage' | 'expectsMessages' | 'gateWithMessages', () => void> & {readonly ints: Int32Array; readonly reals: Float64Array};

/** The calls that every job makes at its parent; see `src/node/pool/parent.rs`. */
export interface PoolCalls { readonly ints: Int32Array; submit(task: unknown): void; flush(): void; take(): unknown }

/** The calls that every job makes at its worker; see `src/node/pool/worker.rs`. */
export interface WorkerCalls { readonly ints: Int32Array; take(): unknown; end(result: unknown): void; interrupted(): void }

/** An environment's access to the kernels. */
export declare class KernelPort {
  /** `on_messages` is called when there may be results to `take`. */
  constructor(onMessages: () => void)
  /** Works on all items: strings and `Uint8Array`s, which are copied before this returns. */
  run(call: number, what: KernelCall, items: unknown[]): void
  /** Stops a call as early as possible. Its results are of no use. */
  cancel(call: number): void
  /**
   * How many items of a call have ended, and how many of those have failed. It may be a little less
   * than that.
   */
  progress(call: number): Array<number>
  /** Frees the memory that is kept for later calls. */
  release(): void
  /** Takes the results of the calls that have ended. */
  take(): Array<KernelResults>
}

/** The pool, as the thread that made it sees it. */
export declare class NativePool {
  /** Makes a pool. `on_messages` is called when there may be messages to `take`. */
  constructor(options: NativePoolOptions, onMessages: () => void)
  /** The number by which a worker thread finds the pool. */
  get id(): number
  /** The calls that every job makes, with the memory of their numbers. */
  hotCalls(): PoolCalls
  /** Gives a function a number. Workers get `description`. */
  defineFunction(description: string): number
  /** Takes a job out of the queue. Returns false if it has begun. */
  cancel(job: number): boolean
  /** Aborts the signal of a running job. Returns the worker that runs it, if there is one. */
  interrupt(job: number): number | null
  /** The worker that runs a job, if there is one. */
  workerOf(job: number): WorkerOfJob | null
  /** The jobs that a worker runs. */
  running(worker: number): Array<number>
  /** Makes a worker take no more jobs, and leave when it has none. */
  retire(worker: number): void
  /** The workers that run nothing. */
  idle(): Array<IdleWorker>
  /** Jobs that wait in both lanes. */
  pending(): number
  /** Both lanes' numbers. */
  stats(): NativePoolStats
  /** The same, with histograms. */
  snapshot(): NativePoolSnapshot
  /** The part of the workers' time in which they ran jobs. */
  get utilization(): number
  /** Sets whether the process must wait for jobs to end. */
  hold(hold: boolean): void
  /** Takes back all jobs that no worker has taken, and returns their numbers. */
  drain(): Array<number>
  /** Refuses jobs from now on. */
  close(): void
  /** Frees the pool. There must be no workers any more. */
  forget(): void
}

/** One Node environment's access to its gates, for the calls that are made now and then. */
export declare class Port {
  /**
   * For tests: time stands still for the gates of this environment from now on. That of gates
   * with a name is the time of the thread that has made them.
   */
  beginTime(): void
  /**
   * For tests: sets the time to so many milliseconds after its beginning. For gates that are not
   * shared, JavaScript has to watch the time: ask `wakesIn`, and call `next`.
   */
  passTime(passed: number): void
  /** For tests: has shared gates do what is due by now. They get messages. */
  ringAlarms(): void
  /**
   * For tests: in how many milliseconds after the beginning the first alarm of a shared gate is
   * due.
   */
  firstAlarm(): number | null
  /** For tests: time goes on with the system's clock, from where it stands. */
  endTime(): void
  /** A port without gates. */
  constructor()
  /** The calls that every task makes, as functions that pass their numbers on the wire. */
  hotCalls(): HotCalls
  /**
   * Makes the leases of the next 64 gates: numbers that
   * tell what may be done without a call (`src/limiter/types/lease.rs`), and that Rust writes
   * when it is called. Must be kept as long as any call can be made.
   */
  addLeases(): Int32Array
  /**
   * Sets a function that is called soon after a shared gate has got messages. Must be called
   * before the first shared gate is opened.
   */
  onMessages(listener: () => void): void
  /** Makes a gate of this environment alone, with options that `createGate` does not take. */
  createLocal(options: GivenOptions): number
  /**
   * Makes a new handle of the limit of that name. The limit is made if there is none. Without a
   * name, nobody else can reach the limit. Must be called after `onMessages`.
   */
  createShared(name: string | undefined | null, options: GivenOptions): number
  /**
   * Checks that a shared gate, which has that name, agrees with the options. Throws if it does
   * not.
   */
  check(gate: number, name: string, options: GivenOptions): void
  /**
   * Sets whether a shared gate gets a message after every change. Returns whether messages will
   * come.
   */
  watch(gate: number, watches: boolean): boolean
  /** Keeps the event loop alive for messages, or stops doing so. */
  keepAlive(keep: boolean): void
  /**
   * Drops what waits in a lane and returns the dropped tickets, in the lane's order. With
   * `everywhere` the tickets of other environments are dropped, too, and these are told.
   */
  clear(gate: number, lane: number, everywhere: boolean): Uint32Array
  /**
   * Takes a ticket out of its lane, because it was cleared (0), aborted (1) or has waited for too
   * long (2). `next` then gives the slots that this leaves free.
   */
  cancel(gate: number, ticket: number, cause: number): void
  /** The work in a slot, which still runs, is given up, for a cause as above. */
  givenUp(gate: number, slot: number, cause: number): void
  /** Takes a slot back from work that never began. It counts neither as granted nor as settled. */
  takeBack(gate: number, slot: number): void
  /**
   * Adds to the counts of a lane what Rust was not asked: refused calls, and calls that were
   * aborted before.
   */
  correct(gate: number, lane: number, refused: number, aborted: number): void
  /** The work in a slot has failed, by an overload or otherwise, and will be tried again in it. */
  attemptFailed(gate: number, slot: number, isOverload: boolean): void
  /**
   * Whether the work in a slot, which has failed, may be tried again now. If not, `next` or a
   * message says when. Call `next` then.
   */
  attempt(gate: number, slot: number): boolean
  /** Takes back one `attempt` of the work in a slot that waits. Call `next` then. */
  cancelAttempt(gate: number, slot: number): void
  /**
   * A server asked the work in a slot to wait for this many milliseconds. Pauses the call (0),
   * its lane (1) or the limit (2); without a scope, the offline lane or the limit, by the lane
   * of the work.
   */
  retryAfter(gate: number, slot: number, millis: number, scope?: number | undefined | null): void
  /** Moves a ticket to a lane and priority, if it then starts earlier. Call `next` then. */
  raise(gate: number, ticket: number, lane: number, priority: number): void
  /** The work in slot `outer` waits for a ticket, too, and lends its slot to it. Call `next` then. */
  lend(gate: number, ticket: number, outer: number): void
  /** The work in slot `outer` waits for the work in `slot`. Call `next` then. */
  awaitRunning(gate: number, slot: number, outer: number): void
  /** The work in a slot waits for a ticket, too. */
  join(gate: number, ticket: number, slot: number, lane: number): void
  /** Throws if a lane lets no calls of that weight in. */
  checkWeight(gate: number, lane: number, weight: number): void
  /** Grants nothing until `resume`. */
  pause(gate: number): void
  /** Grants nothing for this many milliseconds. */
  pauseFor(gate: number, millis: number): void
  /** Ends all pauses, or only the one that `pause` has begun. Call `next` then. */
  resume(gate: number, onlyHeld: boolean): void
  /** Whether nothing is granted now. */
  isPaused(gate: number): boolean
  /**
   * In how many milliseconds to call `next` again because time lets a ticket start then.
   * `Infinity` if time does not, or if another thread watches the time.
   */
  wakesIn(gate: number): number
  /** How much may start in a time, if the gate has a rate. */
  rate(gate: number): RateOptions | null
  /** Changes the rate. Call `next` then. Throws if the gate has no rate. */
  setRate(gate: number, rate: RateOptions): void
  /** Takes a cost from the rate without a call. A negative cost is given back. Call `next` then. */
  charge(gate: number, cost: number): void
  /** The quotas of a gate, with their names. Empty if it has none with a name. */
  quotas(gate: number): Array<RateOptions>
  /** Changes the quota at a place. Call `next` then. */
  setQuota(gate: number, place: number, rate: RateOptions): void
  /** Takes a cost from the quota at a place, as `charge` does. */
  chargeQuota(gate: number, place: number, cost: number): void
  /**
   * A server has answered a request, and says this of the quota at a place. Returns whether the
   * answer counts. Call `next` then.
   */
  learn(gate: number, place: number, said: Said): boolean
  /**
   * The running attempt of the work in a slot has cost this of the quota at a place, or, if the
   * place is negative, of each. Call `next` then.
   */
  spent(gate: number, slot: number, place: number, cost: number): void
  /** Lets the flows of each lane take turns, from now on. */
  makeFair(gate: number): void
  /** Refuses all calls from now on. */
  close(gate: number): void
  /**
   * What happens to a call that comes to a full lane: it is refused (0), it waits (1), or another
   * one is dropped, the oldest (2) or the lowest (3).
   */
  overflow(gate: number): number
  /** The tickets that have left a full lane, and the lane of each. */
  takeDropped(gate: number): Uint32Array
  /**
   * What runs and waits, with seven numbers for each: 1 if it runs; its slot or ticket, or -1 if
   * it is another environment's; its lane, priority (NaN if it runs), weight and units; its age in
   * milliseconds (NaN if that is not known).
   */
  calls(gate: number): Float64Array
  /** How many calls may wait in a lane. */
  maxQueue(gate: number, lane: number): number
  /** Changes how many calls may wait in a lane. */
  setMaxQueue(gate: number, lane: number, most: number): void
  /**
   * The reserve as it was set: a number of slots; below 0, the promised milliseconds; `Infinity`
   * if it is found.
   */
  reserve(gate: number): number
  /** Changes the reserve. Call `next` then. Throws if it leaves no slot for offline work. */
  setReserve(gate: number, reserve: number): void
  /** The smallest part of all grants that goes to offline work. */
  offlineShare(gate: number): number
  /** Changes that part. Call `next` then. */
  setOfflineShare(gate: number, share: number): void
  /**
   * Moves a ticket to a lane and priority, also if it then starts later. Call `next` then. Returns
   * whether it has moved. Throws if it could never run there.
   */
  reprioritise(gate: number, ticket: number, lane: number, priority: number): boolean
  /** Whether a gate takes no more calls. */
  isClosed(gate: number): boolean
  /** Whether a gate takes no more calls, and nothing runs or waits in any environment. */
  isOver(gate: number): boolean
  /** The gates that hold calls of this environment: of each its number, and how many run and wait. */
  heldGates(): Array<HeldGate>
  /** The slots that work of this environment runs in, of one lane. */
  slotsOf(gate: number, lane: number): Uint32Array
  /** The same, with histograms. */
  snapshot(gate: number): Snapshot
  /** All of a gate's numbers. */
  stats(gate: number): LimitStats
}

export interface AdaptiveOptions {
  min?: number
  max?: number
  initial?: number
  /** 0 is by latency, 1 by gradient, 2 by overload alone. */
  algorithm?: number
}

export interface AdaptiveStats {
  samples: number
  baseline: number
  recent: number
  inFlight: number
  queue: number
  overloads: number
  stray: number
  reason: string
  raises: number
  reductions: number
}

/** The upper bounds of the buckets of all histograms, in milliseconds. */
export declare function bucketBounds(): Float64Array

/**
 * Sets how many threads the kernels have, and how many of them offline work never takes. Must be
 * called before the first kernel.
 */
export declare function configureKernels(threads?: number | undefined | null, reserve?: number | undefined | null): void

/** What the parent told of a function. */
export declare function describeFunction(pool: number, number: number): string | null

/** Returns the copies of the addon that this process loaded before this one, the first one first. */
export declare function earlierCopies(): Array<EarlierCopy>

/** A copy of the addon that was loaded before this one. */
export interface EarlierCopy {
  file: string
  version: string
  /** Whether it was built from the same sources. Never if the sources are not known. */
  isSameBuild: boolean
}

/**
 * Takes a seat in a pool for this thread, under the worker's number: one of the reserve, or one that
 * serves both lanes. `on_ring` is called when there may be something to `take` or `interrupted`.
 * Null if the pool is gone or has no such seat free.
 */
export declare function enterPool(pool: number, worker: number, onlineOnly: boolean, onRing: () => void): WorkerCalls | null

/** Names the sources of this binary, so that an install can recognize a stale one. */
export declare const FINGERPRINT: string

/** The given options of a limit; see `LimitOptions` of the package. */
export interface GivenOptions {
  concurrency?: number
  adaptive?: AdaptiveOptions
  /** See [`reserve_of`]. */
  reserve?: number
  offlineShare?: number
  maxOnline?: number
  maxOffline?: number
  /** See [`overflow_of`]. */
  overflow?: number
  rate?: RateOptions
  /** Several rates, with names, instead of one. */
  quotas?: Array<RateOptions>
}

/** A gate that holds calls. */
export interface HeldGate {
  gate: number
  runs: number
  waits: number
}

/** Durations by bucket. */
export interface Histogram {
  count: number
  /** Milliseconds. */
  sum: number
  /** By bucket, in the order of `bucketBounds`. */
  counts: Float64Array
}

/** A worker that runs nothing. */
export interface IdleWorker {
  worker: number
  /** For how long, in milliseconds. */
  idle: number
}

/** Returns true once in the life of the process. */
export declare function isFirstWarning(): boolean

/** What a kernel must do. */
export interface KernelCall {
  /** `hash`, `files`, `compress` or `decompress`. */
  kernel: string
  /** The name of the algorithm or the format. */
  of: string
  /** The level of compression, or the largest output in bytes. */
  parameter?: number
  /** 0 is online, 1 offline. */
  lane: number
}

/** Why an item failed. */
export interface KernelFailure {
  index: number
  code: string
  message: string
  errno?: number
}

/** A call's results. */
export interface KernelResults {
  call: number
  /**
   * The outputs of a kernel whose outputs have the same length, one after another. For an item
   * that failed they are zeros.
   */
  joined?: Buffer
  /** The outputs of any other kernel. For an item that failed it is empty. */
  outputs?: Array<Buffer>
  failures: Array<KernelFailure>
}

export interface LaneHistograms {
  wait: Histogram
  run: Histogram
  /** Only for a limit with a rate. */
  rateWait?: Histogram
}

export interface LaneStats {
  active: number
  pending: number
  granted: number
  settled: number
  rejected: number
  /** This and the next six only for a lane of a limit. */
  refused?: number
  cleared?: number
  dropped?: number
  aborted?: number
  queueTimeouts?: number
  timeouts?: number
  retries?: number
  wait: Quantiles
  run: Quantiles
  /** Milliseconds; 0 if the lane is not paused for a time. Only for a lane of a limit. */
  pauseEndsIn?: number
  /** Only for a limit with a rate. */
  rateWait?: Quantiles
  /** Only for a lane of a limit in which work runs. */
  oldest?: Oldest
}

export interface LimitStats {
  concurrency: number
  online: LaneStats
  offline: LaneStats
  reserve: ReserveStats
  adaptive?: AdaptiveStats
  rate?: RateStats
  /** Only for a limit that has quotas with names. */
  quotas?: Array<RateStats>
}

/** The options of a pool; see `PoolOptions` in `index.d.ts`. */
export interface NativePoolOptions {
  threads: number
  reserve: number
  offlineShare?: number
  jobsPerThread: number
  niceIncrement: number
}

/** Both lanes' numbers and histograms. */
export interface NativePoolSnapshot {
  stats: NativePoolStats
  /** By lane. */
  histograms: Array<LaneHistograms>
}

/** Both lanes' numbers. */
export interface NativePoolStats {
  online: LaneStats
  offline: LaneStats
}

export interface Oldest {
  /** Milliseconds. */
  age: number
  /** Only if it runs in this environment. */
  slot?: number
}

export interface Quantiles {
  count: number
  p50: number
  p90: number
  p99: number
  max: number
}

export interface RateOptions {
  limit: number
  /** Milliseconds, or `Infinity`. */
  interval: number
  /** Of a token bucket. */
  burst?: number
  /** `sliding` or `fixed`; none for a token bucket. */
  window?: string
  /** Of fixed windows: where they begin, in milliseconds. */
  offset?: number
  /** Of fixed windows: in how many milliseconds the running one ends. */
  endsIn?: number
  /** Of a quota. */
  name?: string
}

export interface RateStats {
  available: number
  limit: number
  interval: number
  burst: number
  /** `sliding` or `fixed`; none for a token bucket. */
  window?: string
  /** Of a quota. */
  name?: string
}

/** Frees the memory of long strings that is kept for later ones. */
export declare function releaseTexts(): void

export interface ReserveStats {
  slots: number
  reason: string
  /** Milliseconds; only if the reserve is found. */
  wait?: number
  load: number
  peakedness: number
}

/** What a server says of a quota. Times are in milliseconds. */
export interface Said {
  /** Of the work whose request it has answered; negative if that is not known. */
  slot: number
  /** How long ago the request was sent. It matters if the slot is not known. */
  ago?: number
  /** What may start in a window. */
  limit?: number
  /** What may still start. */
  remaining?: number
  /** When the window ends, from now. */
  resetsIn?: number
  /** How long a window is. */
  window?: number
}

export interface Snapshot {
  stats: LimitStats
  /** By lane. */
  histograms: Array<LaneHistograms>
}

/**
 * Starts the threads of libuv from the calling thread, unless they have been started. The promise
 * says nothing.
 */
export declare function startLibuvThreads(): Promise<unknown>

/** The version of the package that the addon belongs to. */
export declare const VERSION: string

/** The worker that runs a job. */
export interface WorkerOfJob {
  worker: number
  /** Whether the worker has been told to abort the job's signal, and has not done so. */
  isBlocked: boolean
}
