/** The hot calls and the wire that they take and give their numbers on; see `src/node/raw.rs`. */
export type HotCalls = Record<'enqueue' | 'enqueueRequest' | 'enqueueBatch' | 'fulfil' | 'reject' | 'overload' | 'next' | 'active' | 'pending' | 'createGate' | 'dropGate' | 'concurrency' | 'setConcurrency' | 'letter' | 'awaitsLetters' | 'gateWithLetters', () => void> & {readonly ints: Int32Array; readonly reals: Float64Array};

/** The calls that every job makes at its parent; see `src/node/pool/parent.rs`. */
export interface PoolCalls { readonly ints: Int32Array; submit(task: unknown): void; flush(): void; take(): unknown }

/** The calls that every job makes at its worker; see `src/node/pool/worker.rs`. */
export interface WorkerCalls { readonly ints: Int32Array; take(): unknown; end(result: unknown): void; interrupted(): void }

/**
 * Which binding artifact the generated loader actually loaded: `'native'` for
 * a native addon, otherwise the `platformArchABI` of the WASI flavor. Every
 * flavor napi-rs can build is listed, because `NAPI_RS_NATIVE_LIBRARY_PATH`
 * can point the loader at a WASI artifact this package does not build itself.
 */
export declare const __napiBindingTarget: 'native' | 'wasm32-wasi' | 'wasm32-wasip1'

/** An environment's end of the kernels. */
export declare class KernelPort {
  /** `on_letters` is called when there may be something to `take`. */
  constructor(onLetters: () => void)
  /** Works on all items: strings and `Uint8Array`s, which are copied before this returns. */
  run(call: number, what: KernelCall, items: unknown[]): void
  /** Has a call do no more than it must. Its results are not worth taking. */
  cancel(call: number): void
  /** Gives back the memory that is kept for the next calls. */
  release(): void
  /** The results of calls that have ended. */
  take(): Array<KernelResults>
}

/** The pool's end in the thread that made it. */
export declare class NativePool {
  /** Makes a pool. `on_letters` is called when there may be something to `take`. */
  constructor(options: NativePoolOptions, onLetters: () => void)
  /** By which a worker thread finds the pool. */
  get id(): number
  /** The calls that every job makes, with the numbers they pass. */
  hotCalls(): PoolCalls
  /** Gives a function to call a number; `description` is what a worker is told. */
  defineFunction(description: string): number
  /** Takes a job out of the queue; false if it has begun. */
  cancel(job: number): boolean
  /** Has the signal of a running job aborted; gives the worker that runs it, if one does. */
  interrupt(job: number): number | null
  /** The jobs that a worker runs. */
  running(worker: number): Array<number>
  /** Has a worker take no more jobs, and leave when it has none. */
  retire(worker: number): void
  /** The workers that run nothing. */
  idle(): Array<IdleWorker>
  /** Jobs that wait in both lanes. */
  pending(): number
  /** Both lanes' numbers. */
  stats(): NativePoolStats
  /** The part of the workers' time that they ran jobs. */
  get utilization(): number
  /** Whether there are jobs whose end the process has to wait for. */
  hold(hold: boolean): void
  /** Takes all jobs back that no worker has taken, and gives their numbers. */
  drain(): Array<number>
  /** Takes no more jobs. */
  close(): void
  /** Ends it all, once there are no workers any more. */
  forget(): void
}

/** One Node environment's end of the gates, with what is called now and then. */
export declare class Port {
  /** A port without gates. */
  constructor()
  /** The calls that every task makes, as functions that take and give their numbers on the wire. */
  hotCalls(): HotCalls
  /** Has a function called soon after a shared gate has got letters. Before the first of these is opened. */
  onLetters(listener: () => void): void
  /** A gate of this environment's own, of options that `createGate` does not take. */
  createOwn(options: GivenOptions): number
  /**
   * A new end of the limit of that name, which is made where there is none; without a name of one that nobody else
   * can have. After `onLetters`.
   */
  createEnd(name: string | undefined | null, options: GivenOptions): number
  /** Whether a shared gate, which has that name, is as it is given: else this throws. */
  check(gate: number, name: string, options: GivenOptions): void
  /** Whether a shared gate sends a letter when anything has changed. Gives whether it is to get letters then. */
  watch(gate: number, watches: boolean): boolean
  /** Keeps the event loop alive for letters, or not any more. */
  keepAlive(keep: boolean): void
  /**
   * Drops what waits in a lane and gives the tickets dropped, in the lane's order; `everywhere` those of other
   * environments, too, which are told.
   */
  clear(gate: number, lane: number, everywhere: boolean): Uint32Array
  /** Takes out of its lane what waits under a ticket. `next` then gives the slots that this leaves free. */
  cancel(gate: number, ticket: number): void
  /** The work in a slot has failed, by an overload or otherwise, and will be tried again in it. */
  attemptFailed(gate: number, slot: number, isOverload: boolean): void
  /** Has a ticket of the offline lane wait in the online one; the same about `next`. */
  lift(gate: number, ticket: number): void
  /** What runs in a slot waits for a ticket, too, from a lane. */
  join(gate: number, ticket: number, slot: number, lane: number): void
  /** Grants nothing until `resume`. */
  pause(gate: number): void
  /** Grants nothing for so many milliseconds. */
  pauseFor(gate: number, millis: number): void
  /** Ends all pauses, or only what `pause` has begun; then the same about `next`. */
  resume(gate: number, onlyHeld: boolean): void
  /** Whether nothing is granted now. */
  isPaused(gate: number): boolean
  /** Milliseconds until the last pause for a time ends; 0 where there is none. */
  pauseEndsIn(gate: number): number
  /**
   * In how many milliseconds `next` is to be asked again, if time lets somebody start then; `Infinity` where it does
   * not, or somebody else looks after that.
   */
  wakesIn(gate: number): number
  /**
   * In how many milliseconds a call would start at once, or wait in its lane without there being more than may, if
   * nothing else happens; 0 where it would now, `Infinity` where time alone does not get it there. A negative cost is
   * the weight.
   */
  roomIn(gate: number, lane: number, priority: number, weight: number, cost: number): number
  /** How much may start in a time, where that is limited. */
  rate(gate: number): RateOptions | null
  /** Changes that; then the same about `next`. Throws where there is none. */
  setRate(gate: number, rate: RateOptions): void
  /** Takes a cost from that without a call, or gives it back where it is negative; then the same about `next`. */
  charge(gate: number, cost: number): void
  /** Refuses all calls from now on. */
  close(gate: number): void
  /** Whether a shared gate lets calls in beyond `maxQueue`. */
  overflows(gate: number): boolean
  /** Whether a gate takes no more calls. */
  isClosed(gate: number): boolean
  /** Whether a gate takes no more calls, and nothing runs or waits any more, in any environment. */
  isOver(gate: number): boolean
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
  reason: string
  raises: number
  reductions: number
}

/**
 * Sets how many threads the kernels have, and how many of them offline work never takes; before the
 * first of them is started.
 */
export declare function configureKernels(threads?: number | undefined | null, reserve?: number | undefined | null): void

/** What the parent told of a function. */
export declare function describeFunction(pool: number, number: number): string | null

/**
 * Takes a seat in a pool for this thread, under the worker's number. `on_ring` is called when there
 * may be something to `take` or `interrupted`. Null if the pool is gone or has no seat free.
 */
export declare function enterPool(pool: number, worker: number, onRing: () => void): WorkerCalls | null

/** Names the sources that this binary was built from, so that an install can tell a stale one. */
export declare const FINGERPRINT: string

/** What is given of a limit's options; see `LimitOptions` of the package. */
export interface GivenOptions {
  concurrency?: number
  adaptive?: AdaptiveOptions
  reserve?: number
  offlineShare?: number
  maxOnline?: number
  maxOffline?: number
  overflows?: boolean
  rate?: RateOptions
}

/** A worker that runs nothing. */
export interface IdleWorker {
  worker: number
  /** For so long, in milliseconds. */
  idle: number
}

/** What a kernel is to do. */
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
   * The outputs of a kernel whose outputs are all as long, one behind the other; of an item that failed
   * it is zeros.
   */
  joined?: Buffer
  /** The outputs of any other kernel; of an item that failed it is empty. */
  outputs?: Array<Buffer>
  failures: Array<KernelFailure>
}

export interface LaneStats {
  active: number
  pending: number
  granted: number
  settled: number
  rejected: number
  wait: Quantiles
  run: Quantiles
  /** Of a limit with a rate alone. */
  rateWait?: Quantiles
}

export interface LimitStats {
  concurrency: number
  online: LaneStats
  offline: LaneStats
  adaptive?: AdaptiveStats
  rate?: RateStats
}

/** How a pool is made; see `PoolOptions` in `index.d.ts`. */
export interface NativePoolOptions {
  threads: number
  reserve?: number
  offlineShare?: number
  jobsPerThread: number
}

/** Both lanes' numbers. */
export interface NativePoolStats {
  online: LaneStats
  offline: LaneStats
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
  /** Milliseconds. */
  interval: number
  burst?: number
}

export interface RateStats {
  available: number
  limit: number
  interval: number
  burst: number
}

/**
 * For specs: gates that are made from now on have a clock that stands still, at so many milliseconds, until this is
 * called again. Nothing tells JS that it has moved on: ask `wakesIn`, and let `next` look.
 */
export declare function setClockByHand(millis: number): void
