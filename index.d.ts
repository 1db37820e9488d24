import type {EventEmitter} from 'node:events';
import type {Duplex} from 'node:stream';
import type {ResourceLimits, SHARE_ENV, Transferable, Worker} from 'node:worker_threads';

/**
 * Limits how many promise-returning functions run at once: a drop-in for p-limit, with a lane of its own for
 * batch work.
 *
 * @param options - How many may run at once, or an object of options.
 * @returns A function that queues calls. It is the online lane; `limit.offline` is the other.
 * @throws {TypeError} `concurrency` is not a whole number from 1 or `Infinity` (nor an object of {@link
 * pLimit.AdaptiveOptions}), or `rejectOnClear` is no boolean.
 * @throws {InvalidArgError} Another option can't be used, or a limit of that `name` is there and has other ones.
 *
 * @example
 * ```
 * const limit = pLimit(8);
 *
 * // Batch work takes every slot that is free, but for one.
 * const report = limit.offline.map(files, file => summarize(file));
 *
 * // Someone waits for this: it starts at once.
 * const answer = await limit(() => lookUp(id));
 * ```
 */
declare function pLimit(options: number | pLimit.LimitOptions | pLimit.JoinOptions): pLimit.Limit;

declare namespace pLimit {
	/** A queue of calls in one lane of a limit. It is a p-limit itself and can be handed to any code that takes one. */
	export interface Lane {
		/**
		 * Queues a call. It starts in a microtask of its own, once it has a slot.
		 *
		 * @param fn - What to call.
		 * @param args - What to call it with.
		 * @returns What `fn` returns or throws. A `fn` that is no function rejects with an `InvalidArgError`.
		 */
		<Arguments extends unknown[], ReturnType>(
			fn: (...args: Arguments) => PromiseLike<ReturnType> | ReturnType,
			...args: Arguments
		): Promise<ReturnType>;

		/** How many calls of this lane run now. On a limit: of both lanes. */
		readonly activeCount: number;

		/** How many calls of this lane wait for a slot. On a limit: of both lanes. */
		readonly pendingCount: number;

		/**
		 * How many calls of the whole limit, both lanes together and all threads that share it by `name`, may run at
		 * once: a whole number from 1, or `Infinity`.
		 *
		 * Raising it starts waiting calls in a microtask; lowering it interrupts nothing. Of an adaptive limit it is the
		 * number found at present; assigning one fixes it, for good.
		 *
		 * @throws {TypeError} The number is not one of these; the old one stays.
		 * @throws {InvalidArgError} The number is not above a `reserve` that was asked for; the old one stays.
		 */
		concurrency: number;

		/**
		 * How much may start in a time, in both lanes together; `undefined` of a limit that was made without a `rate`, to
		 * which none can be assigned. What is available stays, up to the new `burst`, and more comes at the new pace. A
		 * `burst` that is left out is 1. Of a limit shared by `name`: for all threads.
		 *
		 * @throws {InvalidArgError} What is assigned can't be used, or the limit has no rate. Then nothing has changed.
		 *
		 * @example
		 * ```
		 * const left = Number(response.headers.get('ratelimit-remaining'));
		 * if (left < 10) api.rate = {limit: 1, interval: 1000};
		 * ```
		 */
		get rate(): LimitRate | undefined;
		// What is read has to be assignable for TypeScript below 5.1.
		set rate(rate: RateOptions | undefined);

		/**
		 * Takes a cost from the limit's rate without a call, whether or not it is there, and gives it back where it is
		 * negative: for what a call has cost beyond the `cost` that it was given, and for what others have used of the
		 * same allowance. What is given back beyond a full `burst` is lost. A limit without a rate takes no notice, as of
		 * a `cost`.
		 *
		 * @param cost - A whole number from -(2^31 - 1) to 2^31 - 1.
		 * @throws {InvalidArgError} It is no such number.
		 *
		 * @example
		 * ```
		 * const answer = await model.with({cost: estimate})(ask, prompt);
		 * model.charge(answer.usage.totalTokens - estimate);
		 * ```
		 */
		charge(cost: number): void;

		/**
		 * Drops the calls of this lane that wait. On a limit: of both lanes. What runs goes on.
		 *
		 * Their promises stay pending, or with `rejectOnClear` reject with an `AbortError`, one for all of them. Of a
		 * limit that has a `name` those of this thread alone are dropped, unless `everywhere` is true.
		 */
		clearQueue(options: ClearOptions): void;
		clearQueue(): void;

		/**
		 * Calls `mapper` for every item, as one entry of the queue that keeps its place there.
		 *
		 * All items are taken from the iterable at once. Where that throws, the promise rejects with what was thrown,
		 * and the items taken before still run.
		 *
		 * @param iterable - Items, which may be promises; they are not awaited. Array-likes do as well.
		 * @param mapper - Gets an item and its index.
		 * @returns The results in the order of the items. The first failure rejects it; the other items go on, unless
		 * `options.stopOnError` says otherwise.
		 */
		map<Input, ReturnType>(
			iterable: Iterable<Input>,
			mapper: (item: Input, index: number) => PromiseLike<ReturnType> | ReturnType,
			options?: LimitMapOptions,
		): Promise<ReturnType[]>;

		/**
		 * `map` that never fails by an item: gives for each what `Promise.allSettled` would.
		 *
		 * @throws (rejects) the reason of `options.signal`, and what refuses the whole map.
		 */
		settle<Input, ReturnType>(
			iterable: Iterable<Input>,
			mapper: (item: Input, index: number) => PromiseLike<ReturnType> | ReturnType,
			options?: Omit<LimitMapOptions, 'stopOnError'>,
		): Promise<Array<PromiseSettledResult<ReturnType>>>;

		/**
		 * Calls `mapper` for the items of a source that is pulled no faster than the results are taken: at most
		 * `concurrency + highWaterMark` items are pulled and not yet given out as results.
		 *
		 * Leaving the loop, an error and an abort call the source's `return()`, drop what waits for a slot and let run
		 * what runs. Nothing is pulled before the first result is asked for.
		 *
		 * @throws {InvalidArgError} An argument can't be used.
		 *
		 * @example
		 * ```
		 * for await (const page of limit.offline.stream(urls, url => download(url))) {
		 * 	await store(page); // the downloads wait for this
		 * }
		 * ```
		 */
		stream<Input, ReturnType>(
			source: Iterable<Input> | AsyncIterable<Input>,
			mapper: (item: Awaited<Input>, index: number) => PromiseLike<ReturnType> | ReturnType,
			options?: LimitStreamOptions,
		): AsyncIterableIterator<Awaited<ReturnType>>;

		/**
		 * `stream` as a step of a Node pipeline: a duplex stream in object mode that calls `mapper` for what is written to it
		 * and gives the results to read. A result may not be `null`, which is the end of a Node stream.
		 *
		 * @throws {InvalidArgError} An argument can't be used.
		 *
		 * @example
		 * ```
		 * await pipeline(createReadStream('urls.txt'), split(), limit.offline.transform(url => download(url)), store);
		 * ```
		 */
		transform<Input, ReturnType>(
			mapper: (item: Input, index: number) => PromiseLike<ReturnType> | ReturnType,
			options?: LimitStreamOptions,
		): Duplex;

		/**
		 * This lane with options bound to every call: the same limit, and the counts of the lane. What was bound before
		 * stays, unless it is given anew. Of a limit: its online lane, unless `lane` is given.
		 *
		 * @throws {InvalidArgError} An option can't be used.
		 */
		with(options: TaskOptions): Lane;

		/**
		 * Calls `fn`, unless a call under the same key waits or runs: then gives that one's outcome. Keys are compared
		 * as those of a `Map`, and are the whole limit's. An online caller who joins what waits in the offline lane
		 * lifts it to the online one; a bound `signal` ends the wait of its own caller alone.
		 */
		once<Arguments extends unknown[], ReturnType>(
			key: unknown,
			fn: (...args: Arguments) => PromiseLike<ReturnType> | ReturnType,
			...args: Arguments
		): Promise<ReturnType>;

		/**
		 * Resolves when the lane has room for a call (`maxQueue`), for one caller after the other: make it at once then.
		 * Where `maxQueue` is 0 there is room when the call would start at once: the slots, the rate and pauses count.
		 *
		 * @throws {LimitClosedError} (rejects) The limit is drained.
		 */
		ready(): Promise<void>;

		/** Resolves when fewer than `size` calls wait, a whole number from 1. On a limit: in both lanes together. */
		onSizeLessThan(size: number): Promise<void>;

		/** Resolves when no call waits. */
		onEmpty(): Promise<void>;

		/** Resolves when no call waits or runs: so never for a task of the lane that awaits it. */
		onIdle(): Promise<void>;
	}

	/** What `clearQueue` takes. */
	export interface ClearOptions {
		/**
		 * Whether to drop what other threads have waiting at a limit that is shared by `name`, too. There the
		 * `rejectOnClear` counts that was given in that thread.
		 *
		 * @default false
		 */
		readonly everywhere?: boolean | undefined;
	}

	/** What `with` binds. */
	export interface TaskOptions {
		/** The lane to queue in. */
		readonly lane?: LaneName | undefined;

		/**
		 * Within its lane a higher one starts first, and equals in the order they came in: a whole number.
		 *
		 * @default 0
		 */
		readonly priority?: number | undefined;

		/**
		 * How many slots each call holds: a whole number from 1 to the most that its lane may hold, at its `max` where the
		 * concurrency is adaptive. A heavy call that waits is not overtaken by later, lighter ones of its lane. Where the
		 * concurrency is below it, as it was lowered or an adaptive one is low at present, it runs alone.
		 *
		 * @default 1
		 */
		readonly weight?: number | undefined;

		/**
		 * How much of the limit's `rate` each call takes: a whole number from 0 (free) to 2^31 - 1. What costs more than
		 * `rate.burst` starts when all of it is there, and delays what comes after it by as much. A limit without a rate
		 * takes no notice.
		 *
		 * @default weight
		 */
		readonly cost?: number | undefined;

		/**
		 * A call that waits leaves the queue and rejects with the signal's reason. One that runs rejects as well; its slot
		 * is held until it has ended.
		 */
		readonly signal?: AbortSignal | undefined;

		/**
		 * Milliseconds that a call may wait for its start, be it for a slot or for the rate; then it rejects with a
		 * `QueueTimeoutError`.
		 */
		readonly queueTimeout?: number | undefined;

		/**
		 * Milliseconds from the start until the call rejects with a `TaskTimeoutError`, all retries included; its slot is
		 * held until it has ended.
		 */
		readonly timeout?: number | undefined;

		/** How often a call that fails is run again, or p-retry's options. It keeps its slot meanwhile. */
		readonly retry?: number | RetryOptions | undefined;
	}

	/**
	 * When to run a failed call again. Names and defaults are those of p-retry. An adaptive limit hears of each attempt
	 * that fails.
	 */
	export interface RetryOptions {
		/** @default 10 */
		readonly retries?: number | undefined;
		/** Milliseconds before the first retry. @default 1000 */
		readonly minTimeout?: number | undefined;
		/** Milliseconds before a retry at most. @default Infinity */
		readonly maxTimeout?: number | undefined;
		/** How many times as long each wait is as the one before. @default 2 */
		readonly factor?: number | undefined;
		/** Whether to wait longer by chance, up to twice as long. @default false */
		readonly randomize?: boolean | undefined;
		/** Whether to run it again after this error. By default after any. */
		readonly shouldRetry?: ((error: unknown) => boolean | PromiseLike<boolean>) | undefined;
		/**
		 * Milliseconds that the error asks to wait, if it does: the whole limit pauses for as long, in all threads that
		 * share it. Where it gives anything else, the call rejects with an `InvalidArgError`. `retryAfter` of this package reads the header of that name.
		 */
		readonly retryAfter?: ((error: unknown) => number | undefined | PromiseLike<number | undefined>) | undefined;
	}

	export interface LimitMapOptions {
		/** Rejects the map with the signal's reason, and drops the items that have not begun. */
		readonly signal?: AbortSignal | undefined;

		/**
		 * `true`: the first failure rejects the map and drops the items that have not begun. `false`: all items are run,
		 * and the failures, if any, are those of an `AggregateError`, in the order of the items. By default the first
		 * failure rejects the map, and the other items are run all the same, as in p-limit.
		 */
		readonly stopOnError?: boolean | undefined;

		/**
		 * Whether to begin the items in an order by chance, which spreads heavy ones that stand together. Results are in
		 * the order of the items.
		 *
		 * @default false
		 */
		readonly shuffle?: boolean | undefined;
	}

	export interface LimitStreamOptions {
		/**
		 * Whether results come in the order of the items, else as they are done.
		 *
		 * @default true
		 */
		readonly ordered?: boolean | undefined;

		/**
		 * Items that may be pulled beyond those that may run: a whole number from 0.
		 *
		 * @default the concurrency, at most 1024; 16 where it is Infinity, which counts as 0 here (and both together as 1)
		 */
		readonly highWaterMark?: number | undefined;

		/**
		 * Whether the first failure ends the stream, in the place of its result; else failures are left out, and told at
		 * the end by an `AggregateError`, in the order that their results would have had.
		 *
		 * @default true
		 */
		readonly stopOnError?: boolean | undefined;

		/** Ends the stream with the signal's reason. */
		readonly signal?: AbortSignal | undefined;
	}

	/** A limit: callable as its online lane, with both lanes counted and cleared together. */
	export interface Limit extends Lane {
		/** Someone waits for the answer: granted before anything offline. `limit(...)` goes here. */
		readonly online: Lane;

		/** Batch work: takes every slot that is free, but for the `reserve`. */
		readonly offline: Lane;

		/** Whether nothing begins now. */
		readonly isPaused: boolean;

		/** Begins nothing until `resume`, in any thread that shares the limit. What runs goes on, and calls may come. */
		pause(): void;

		/** Ends a pause of either kind. */
		resume(): void;

		/** Begins nothing for so many milliseconds. Of several such pauses the one that ends last counts. */
		pauseFor(milliseconds: number): void;

		/**
		 * For a graceful end: refuses calls from now on with a `LimitClosedError`, runs what is queued (ending a `pause`
		 * for it), and resolves when nothing runs any more: so never for a task of the limit that awaits it. With
		 * `queued: false` what waits is rejected with that error.
		 *
		 * A limit shared by `name` is drained for all threads, but `queued: false` rejects what waits in this thread alone.
		 * It stays closed for who has it; who names it when this has resolved makes a new one.
		 */
		drain(options?: {readonly queued?: boolean | undefined}): Promise<void>;

		/** `drain()`, for `await using`. */
		[Symbol.asyncDispose](): Promise<void>;

		/** The limit's numbers as they are now. Always on; see `docs/stats.md` for what that costs. */
		stats(): LimitStats;
	}

	export interface LimitOptions {
		/**
		 * How many calls, of both lanes together, may run at once: a whole number from 1, or `Infinity`. An object has the
		 * limit find the number by itself; at least one of its options has to be there.
		 */
		readonly concurrency: number | AdaptiveOptions;

		/**
		 * How much may start in a time, whatever slots are free.
		 *
		 * @default none
		 */
		readonly rate?: RateOptions | undefined;

		/**
		 * Whether the promises of calls dropped by `clearQueue` reject with an `AbortError` instead of staying pending.
		 *
		 * @default false
		 */
		readonly rejectOnClear?: boolean | undefined;

		/**
		 * Slots that offline calls never take: a whole number from 0 to below `concurrency`, or below the `min` of an adaptive
		 * one.
		 *
		 * @default 1 while `concurrency` is above 1, else 0
		 */
		readonly reserve?: number | undefined;

		/**
		 * The part of all starts that goes to offline at the least while it waits and may run, from 0 (online always
		 * first) to 1.
		 *
		 * @default 1/16
		 */
		readonly offlineShare?: number | undefined;

		/**
		 * How many calls may wait in each lane, or in one of them: a whole number from 0. A full lane says nothing about
		 * the other one.
		 *
		 * @default Infinity
		 */
		readonly maxQueue?:
			| number
			| {readonly online?: number | undefined; readonly offline?: number | undefined}
			| undefined;

		/**
		 * What comes of a call to a full lane. `'reject'`: a `QueueFullError`. `'wait'`: it is let in, as everybody is
		 * expected to `await lane.ready()` before.
		 *
		 * @default 'reject'
		 */
		readonly overflow?: 'reject' | 'wait' | undefined;

		/**
		 * All limits of one name in the process, of whatever worker thread, are one: slots, lanes, rate, pauses and figures
		 * are those of all together. The first to name it makes it. Who comes later joins it, and may give options or
		 * leave them out (see {@link JoinOptions}), but not give other ones. The name is free again when nobody has the
		 * limit any more, or it was drained and nothing runs or waits in it. The limit's errors begin with it.
		 *
		 * @default none: the limit is its maker's own
		 */
		readonly name?: string | undefined;

		/**
		 * What comes of calls made inside tasks of the same limit. `'inherit'`: they run in the slot of that task, a `map`
		 * one item at a time. `'detect'`: one that could never run, because all slots are held by tasks that made such
		 * calls, is refused with a `DeadlockError`. Not given: they are calls like any other. Either costs every call an
		 * `AsyncLocalStorage.run`.
		 */
		readonly nested?: 'inherit' | 'detect' | undefined;
	}

	/**
	 * The options of who joins a limit that is there already: without `concurrency`, which is as it is then.
	 *
	 * @throws {InvalidArgError} There is no limit of that name, or it has another value of an option than the one given.
	 */
	export interface JoinOptions extends Omit<LimitOptions, 'concurrency' | 'name'> {
		/** See {@link LimitOptions.name}. */
		readonly name: string;
		/**
		 * The present one, the one that the limit was made with, or none. Of an adaptive one what is left out is as it
		 * is.
		 */
		readonly concurrency?: number | AdaptiveOptions | undefined;
	}

	/** A concurrency that is found by how calls fare; see `docs/adaptive.md`. */
	export interface AdaptiveOptions {
		/**
		 * The fewest slots that it goes down to: a whole number from 1 to `max`, above a `reserve` that is given.
		 *
		 * @default 1
		 */
		readonly min?: number | undefined;

		/**
		 * The most slots that it goes up to: a whole number from `min`.
		 *
		 * @default 200
		 */
		readonly max?: number | undefined;

		/**
		 * Slots at the start: a whole number from `min` to `max`.
		 *
		 * @default 20, or the bound that is nearest to it
		 */
		readonly initial?: number | undefined;

		/**
		 * What it goes by. `'latency'`: how much longer calls take than they would alone, and overload. `'gradient'`: how
		 * much longer they take than on average, and overload. `'aimd'`: overload alone.
		 *
		 * @default 'latency'
		 */
		readonly algorithm?: 'latency' | 'gradient' | 'aimd' | undefined;

		/**
		 * Whether the error that a call, or an attempt that `retry` follows with another one, has thrown or rejected with
		 * says that what it uses has too much to do. A function that throws has said no. Of a limit shared by `name` each
		 * thread asks its own: the last that was given there, by whoever named it, for all of the thread's calls. Who
		 * joins may give it without the other options.
		 *
		 * @default HTTP 429 and 503, timeouts, and refused or reset connections; `docs/adaptive.md` has the list
		 */
		readonly isOverload?: ((error: unknown) => boolean) | undefined;
	}

	/**
	 * How much may start in a time (GCRA; see `docs/rate.md`). In any `interval` whatsoever, not only from one border to
	 * the next, calls that cost at most `limit + burst` together get their slots, of all threads that share the limit (with
	 * the most that one costs for `burst` if that is more). A call begins when the event loop of its thread comes to it:
	 * a thread that was busy begins together what it got meanwhile, `concurrency` calls at the most.
	 */
	export interface RateOptions {
		/** The cost that may start in an interval: a whole number from 1 to 2^53 - 1. */
		readonly limit: number;

		/** Milliseconds: a number from 0.000001, a nanosecond, to 2^31 - 1. */
		readonly interval: number;

		/**
		 * The cost that may start at once after a time without any: a whole number from 1 to 2^53 - 1. With 1, calls of cost
		 * 1 start at least `interval / limit` apart.
		 *
		 * @default 1
		 */
		readonly burst?: number | undefined;
	}

	/** What `pLimit.keyed` takes: the options of each key's limit, and those below. */
	export interface KeyedOptions extends Omit<LimitOptions, 'name'> {
		/**
		 * One cap over all keys: a concurrency, or the options of a limit. Every call takes a slot of its key's limit
		 * first and then one of this, in its own lane and with the same `priority`, `weight` and `cost`; one heavier than
		 * this may hold rejects with an `InvalidArgError`. `queueTimeout` is for either wait. What is cleared while it waits for
		 * this rejects with an `AbortError` in any case.
		 *
		 * A task of one key that awaits a call of another one may wait for ever, as it holds its slot of this meanwhile. `nested`
		 * in here has such calls run in that slot, or refused, as far as they have a slot of their key; see `docs/rate.md`.
		 *
		 * @default none
		 */
		readonly total?: number | LimitOptions | JoinOptions | undefined;

		/**
		 * Milliseconds after which a key's limit that was not asked for, and in which nothing runs or waits, is dropped: from
		 * 1 to 2^31 - 1, or `Infinity` for never. It is looked for at such intervals, so it may take twice as long; and
		 * longer while it is paused or its rate has not recovered. A new limit is made when the key is asked for again, or
		 * the same one given if somebody has kept it.
		 *
		 * @default 60_000
		 */
		readonly idleTimeout?: number | undefined;
	}

	/** A limit for each key. */
	export interface KeyedLimits<Key = unknown, Total extends Limit | undefined = Limit | undefined> {
		/** The limit of a key: the one that is kept, or a new one. Keys are compared as those of a `Map`. */
		(key: Key): Limit;

		/** How many limits are kept now. */
		readonly size: number;

		/** The limit that `total` has made. */
		readonly total: Total;
	}

	/**
	 * Makes limits by key: one for each host, or for each tenant. Those that are idle are dropped.
	 *
	 * @throws {TypeError} As `pLimit` does, at once.
	 * @throws {InvalidArgError} An option can't be used.
	 *
	 * @example
	 * ```
	 * const limits = pLimit.keyed<string>({concurrency: 2, rate: {limit: 10, interval: 1000}, total: 100});
	 * const get = url => limits(new URL(url).host)(fetch, url);
	 * ```
	 */
	export function keyed<Key = unknown>(
		options: KeyedOptions & {readonly total: number | LimitOptions | JoinOptions},
	): KeyedLimits<Key, Limit>;
	export function keyed<Key = unknown>(options: KeyedOptions): KeyedLimits<Key>;

	export interface LimitStats {
		/** How many calls may run at once now. */
		readonly concurrency: number;
		readonly online: LaneStats;
		readonly offline: LaneStats;
		/** Of a limit whose concurrency is an object, also after it was fixed by hand. */
		readonly adaptive?: AdaptiveStats | undefined;
		/** Of a limit with a `rate`. */
		readonly rate?: RateStats | undefined;
	}

	/** How an adaptive limit has found its concurrency. */
	export interface AdaptiveStats {
		/** Calls whose latency counted, ever. */
		readonly samples: number;
		/**
		 * Milliseconds that calls are taken to need with no queue where they run (`'gradient'`: their long-term average). 0
		 * while it is not known, and always with `'aimd'`.
		 */
		readonly baseline: number;
		/** Mean milliseconds of the calls that were looked at last; 0 before. */
		readonly recent: number;
		/** Slots held now. */
		readonly inFlight: number;
		/** How many of the calls in flight queued where they run, when it was looked at last; 0 before. */
		readonly queue: number;
		/** Why the concurrency is what it is: what the last look found. */
		readonly reason: AdaptiveReason;
		/** How often the concurrency was raised. */
		readonly raises: number;
		/** How often it was reduced. */
		readonly reductions: number;
	}

	/** Later versions may have more reasons. */
	export type AdaptiveReason =
		| 'initial'
		| 'queue below target'
		| 'queue on target'
		| 'queue above target'
		| 'probing'
		| 'baseline found'
		| 'latency on average'
		| 'latency above average'
		| 'no overload'
		| 'overload'
		| 'after overload'
		| 'not in use'
		| 'fixed by hand'
		| (string & {});

	/** A rate in full, as {@link RateOptions} has it. */
	export interface LimitRate {
		readonly limit: number;
		/** Milliseconds. */
		readonly interval: number;
		readonly burst: number;
	}

	/** A rate, and what it has left. */
	export interface RateStats extends LimitRate {
		/**
		 * The cost that could start now: at most `burst`, a fraction in general, and below 0 where more than there was has
		 * still to be made up for, by a call that cost more than `burst` or by a `charge`.
		 */
		readonly available: number;
	}

	export interface LaneStats {
		/** Calls that run now. */
		readonly active: number;
		/** Calls that wait for a slot now. */
		readonly pending: number;
		/** Calls that ever got a slot. */
		readonly granted: number;
		/** Calls that have ended, well or badly. */
		readonly settled: number;
		/** Those of `settled` that threw or rejected. */
		readonly rejected: number;
		/** From the call until it got its slot, in milliseconds. */
		readonly wait: Quantiles;
		/** From the slot until the end of the work, in milliseconds. */
		readonly run: Quantiles;
		/**
		 * The part of `wait` that the rate alone has caused: how long a call was next, with a slot free and no pause, and
		 * only lacked tokens. Calls that never did are not among these. Of limits with a `rate` only.
		 */
		readonly rateWait?: Quantiles | undefined;
	}

	/** Milliseconds, to within 1 %; all 0 while `count` is 0. */
	export interface Quantiles {
		/** How many calls the figures stand for. In a burst, one measured call stands for several. */
		readonly count: number;
		/** Half of the calls took at most this long. */
		readonly p50: number;
		/** Nine of ten calls took at most this long. */
		readonly p90: number;
		/** Ninety-nine of a hundred calls took at most this long. */
		readonly p99: number;
		/** The longest call that was measured. */
		readonly max: number;
	}

	/** p-limit's name for what `pLimit` returns. */
	export type LimitFunction = Limit;

	/** p-limit's name for `LimitOptions`. */
	export type Options = LimitOptions;

	/** An option or an argument that can't be used. Nothing has changed when this is thrown. */
	export class InvalidArgError extends TypeError {
		readonly code: 'ERR_INVALID_ARG';
	}

	/** The limit takes no more calls: it was drained. */
	export class LimitClosedError extends Error {
		readonly code: 'ERR_LIMIT_CLOSED';
	}

	/** The call waited for a slot longer than its `queueTimeout`. */
	export class QueueTimeoutError extends Error {
		readonly code: 'ERR_QUEUE_TIMEOUT';
	}

	/** Calls that wait for calls inside them hold all slots that the latest of those could have. */
	export class DeadlockError extends Error {
		readonly code: 'ERR_DEADLOCK';
	}

	/**
	 * How long a server asks one to wait, in milliseconds, by the Retry-After header (RFC 9110; seconds or a date) of a
	 * fetch `Response`, of an error's `headers` or of an error's `response.headers`. To be given as `retry.retryAfter`.
	 */
	export function retryAfter(error: unknown): number | undefined;

	/** The pool was closed before the job could run, or destroyed before it had ended. */
	export class PoolClosedError extends Error {
		readonly code: 'ERR_POOL_CLOSED';
	}

	/** `maxQueue` calls or jobs wait already. Nothing has changed when this is thrown. */
	export class QueueFullError extends Error {
		readonly code: 'ERR_QUEUE_FULL';
	}

	/** The task has run for its `timeout`. */
	export class TaskTimeoutError extends Error {
		readonly code: 'ERR_TASK_TIMEOUT';
	}

	/** The worker thread ended while it ran the job, or could not be started; `cause` tells why, if known. */
	export class WorkerCrashedError extends Error {
		readonly code: 'ERR_WORKER_CRASHED';
	}

	/** A task or a result can't be sent to another thread; the message names the place in it. */
	export class NotCloneableError extends Error {
		readonly code: 'ERR_NOT_CLONEABLE';
	}

	/** `online`: someone waits for the answer. `offline`: batch work, done sooner rather than later. */
	export type LaneName = 'online' | 'offline';

	/** What a function in a worker gets beside its task. */
	export interface TaskContext {
		/** Aborted when the job's signal is, or when its `timeout` has passed. */
		readonly signal: AbortSignal;
	}

	export interface PoolOptions {
		/** The module of the functions: a path, which may be relative to the working directory, or a URL. */
		readonly filename?: string | URL | undefined;

		/**
		 * The exported function to call.
		 *
		 * @default 'default'
		 */
		readonly name?: string | undefined;

		/**
		 * Threads that are kept when idle, from 0 to `maxThreads`. They are started at once where this is given, else when
		 * there is work for them.
		 *
		 * @default maxThreads
		 */
		readonly minThreads?: number | undefined;

		/**
		 * Threads at most, from 1 to 1024.
		 *
		 * @default os.availableParallelism()
		 */
		readonly maxThreads?: number | undefined;

		/**
		 * Milliseconds after which a thread beyond `minThreads` that has nothing to do ends; `Infinity` is never.
		 *
		 * @default 0
		 */
		readonly idleTimeout?: number | undefined;

		/**
		 * Jobs that may wait, beside those that all threads can run at once; a job more is refused with
		 * `ERR_QUEUE_FULL`. `'auto'` is the square of `maxThreads`.
		 *
		 * @default Infinity
		 */
		readonly maxQueue?: number | 'auto' | undefined;

		/**
		 * Jobs that one worker may have under way at a time; above 1 it is for functions that mostly wait.
		 *
		 * @default 1
		 */
		readonly concurrentTasksPerWorker?: number | undefined;

		/**
		 * Threads that offline jobs never take, from 0 to below `maxThreads`.
		 *
		 * @default 1 if `maxThreads` is above 1, else 0
		 */
		readonly reserve?: number | undefined;

		/**
		 * The part of all jobs taken that are offline ones at the least while offline waits and may run, from 0 to 1.
		 *
		 * @default 1/16
		 */
		readonly offlineShare?: number | undefined;

		/**
		 * Milliseconds that a running job has to end by itself once it was aborted or its time is up. Then its worker
		 * takes no more jobs, and is replaced as soon as it runs no others.
		 *
		 * @default 1000
		 */
		readonly abortGrace?: number | undefined;

		/**
		 * A limit, or a lane of one, of which each job takes a slot while it runs: first the slot, then its place in the
		 * pool's queue. Of a limit it is the lane of the job. A task is copied, and what is transferred is gone, once the
		 * job has its slot.
		 *
		 * @default none
		 */
		readonly limit?: Lane | undefined;

		/** As for `new Worker`. */
		readonly resourceLimits?: ResourceLimits | undefined;
		/** As for `new Worker`. */
		readonly env?: NodeJS.Dict<string> | typeof SHARE_ENV | undefined;
		/** As for `new Worker`. */
		readonly argv?: readonly unknown[] | undefined;
		/** As for `new Worker`: `['--import', file]` loads a loader, as `docs/pool.md` tells for TypeScript. */
		readonly execArgv?: readonly string[] | undefined;
		/** What workers see as `workerData`, a copy each. */
		readonly workerData?: unknown;
	}

	export interface MapOptions {
		/** Another module than the pool's. */
		readonly filename?: string | URL | undefined;
		/** Another exported function than the pool's. */
		readonly name?: string | undefined;
		/** @default 'online' */
		readonly lane?: LaneName | undefined;
		/** Aborts the jobs: what waits is dropped at once, what runs is told by its own signal. */
		readonly signal?: AbortSignal | undefined;
		/** Milliseconds that a task may run, from 1, counted from its start; then it is aborted with `ERR_TASK_TIMEOUT`. */
		readonly timeout?: number | undefined;
		/** Another limit than the pool's, or a lane of one, of which each job takes a slot while it runs. */
		readonly limit?: Lane | undefined;
	}

	export interface RunOptions extends MapOptions {
		/** Objects in the task that are handed over instead of copied; they are gone here as soon as `run` is called. */
		readonly transferList?: readonly Transferable[] | undefined;
	}

	export interface StreamOptions extends MapOptions {
		/**
		 * Whether results come in the order of the items, or as they are ready.
		 *
		 * @default true
		 */
		readonly ordered?: boolean | undefined;

		/**
		 * Items at most that were pulled from the source and not yet given out as results, from 1.
		 *
		 * @default 2 * maxThreads * concurrentTasksPerWorker
		 */
		readonly highWaterMark?: number | undefined;
	}

	export interface PoolStats {
		/** Worker threads now. */
		readonly threads: number;
		/** The part of all the workers' time in which they ran jobs, from 0 to 1. */
		readonly utilization: number;
		readonly online: LaneStats;
		readonly offline: LaneStats;
	}

	/** The jobs of a pool, with the lane given. */
	export interface PoolLane {
		/**
		 * Runs one task.
		 *
		 * @returns What the function returns. Rejects with what it throws; with `ERR_INVALID_ARG`, `ERR_NOT_CLONEABLE`,
		 * `ERR_QUEUE_FULL` or `ERR_POOL_CLOSED` where the task is refused; with `ERR_TASK_TIMEOUT`, `ERR_WORKER_CRASHED`
		 * or the signal's reason.
		 */
		// biome-ignore lint/suspicious/noExplicitAny: nobody but the caller knows what a function in another file gives
		run<Result = any>(task?: unknown, options?: RunOptions): Promise<Result>;

		/**
		 * Runs a task for every item. Items are taken from the iterable as there is room for them.
		 *
		 * @returns The results in the order of the items. The first failure rejects it; what waits is dropped then, and
		 * what runs is let run.
		 */
		// biome-ignore lint/suspicious/noExplicitAny: as above
		map<Result = any>(iterable: Iterable<unknown>, options?: MapOptions): Promise<Result[]>;

		/**
		 * Runs a task for every item of a source, which is pulled no faster than the results are taken. Leaving the loop,
		 * a failure and an abort end the source and drop what waits.
		 */
		// biome-ignore lint/suspicious/noExplicitAny: as above
		stream<Result = any>(
			source: Iterable<unknown> | AsyncIterable<unknown>,
			options?: StreamOptions,
		): AsyncGenerator<Result, void, undefined>;
	}

	export interface PoolEvents {
		/** The queue has room again: all jobs that are there can run at once. */
		drain: [];
		/** As many jobs are there as `maxQueue` allows. */
		needsDrain: [];
		/** A worker failed while it ran no job that could tell of it. */
		error: [error: Error];
		/** A worker has called `parentPort.postMessage`. */
		message: [message: unknown];
		workerCreate: [worker: Worker];
		workerDestroy: [worker: Worker];
	}

	/**
	 * Runs the functions of a module in worker threads. Jobs wait in Rust, as bytes, until a worker has time for them:
	 * one that is idle takes what was queued behind a busy one.
	 *
	 * A pool that has no jobs does not keep the process alive.
	 */
	export class Pool extends EventEmitter<PoolEvents> implements PoolLane {
		/** Throws `ERR_INVALID_ARG`, before any thread is started. */
		constructor(options?: PoolOptions);

		run: PoolLane['run'];
		map: PoolLane['map'];
		stream: PoolLane['stream'];

		/** The same, always in the online lane. */
		readonly online: PoolLane;
		/** The same, always in the offline lane. */
		readonly offline: PoolLane;

		/** The worker threads. */
		readonly threads: Worker[];
		/** Jobs that wait. */
		readonly queueSize: number;
		/** Jobs that have ended in a worker, well or badly. */
		readonly completed: number;
		/** The part of all the workers' time in which they ran jobs. */
		readonly utilization: number;
		/** Whether as many jobs are there as `maxQueue` allows. */
		readonly needsDrain: boolean;
		readonly minThreads: number;
		readonly maxThreads: number;

		/** The pool's numbers as they are now. Every job is timed. */
		stats(): PoolStats;

		/**
		 * Lets no more jobs in, and ends the threads once all have run.
		 *
		 * @param options.force - Rejects the jobs that wait with `ERR_POOL_CLOSED` instead of running them.
		 */
		close(options?: {readonly force?: boolean | undefined}): Promise<void>;

		/** Ends the threads at once. All jobs reject with `ERR_POOL_CLOSED`. */
		destroy(): Promise<void>;

		/** Closes. */
		[Symbol.asyncDispose](): Promise<void>;
	}

	/** Whether this thread is a worker of a `Pool`. */
	export const isWorkerThread: boolean;

	/** In a worker of a `Pool`, the `workerData` it was given; else undefined. */
	// biome-ignore lint/suspicious/noExplicitAny: as Node types it
	export const workerData: any;

	/**
	 * Marks a task or a result as handed over instead of copied: its memory moves, and is gone here.
	 *
	 * @param value - What can be transferred: an `ArrayBuffer`, a view of one, a `MessagePort`, a stream.
	 */
	export function move<Value extends object>(value: Value): Value;

	/** The hashes, cryptographic ones first. The numbers of the last three are given in big-endian order. */
	export type HashAlgorithm = 'sha1' | 'sha256' | 'sha512' | 'blake3' | 'xxh3-64' | 'xxh3-128' | 'crc32';

	/** gzip has levels 0 to 9 (default 6), brotli 0 to 11 (11), zstd 1 to 22 (3). */
	export type CompressionFormat = 'gzip' | 'brotli' | 'zstd';

	/**
	 * What kernels work on; a string stands for its UTF-8. It is copied before the call returns; with the option `limit`
	 * when the call has its slot, so it has to stay as it is until then.
	 */
	export type KernelInput = string | NodeJS.ArrayBufferView | ArrayBufferLike;

	export interface KernelOptions {
		/** @default 'online' */
		readonly lane?: LaneName | undefined;
		/** Rejects the call at once. What no thread has begun is left undone. */
		readonly signal?: AbortSignal | undefined;
		/**
		 * A limit, or a lane of one, of which the call takes a slot before it is given to the threads and while it runs. Of a
		 * limit it is the lane that `lane` says.
		 *
		 * @default none
		 */
		readonly limit?: Lane | undefined;
	}

	export interface HashOptions extends KernelOptions {
		/** @default 'buffer' */
		readonly encoding?: 'buffer' | 'hex' | 'base64' | 'base64url' | undefined;
	}

	/** A `Buffer`, or a string where `encoding` says so. */
	export type HashOf<Options extends HashOptions> = HashIn<Options['encoding']>;

	type HashIn<Encoding> = Encoding extends 'hex' | 'base64' | 'base64url' ? string : Buffer;

	/**
	 * Hashes on a Rust thread.
	 *
	 * All rejections that are about arguments are `InvalidArgError`s.
	 */
	export const hash: {
		<Options extends HashOptions = {readonly encoding?: undefined}>(
			algorithm: HashAlgorithm,
			data: KernelInput,
			options?: Options,
		): Promise<HashOf<Options>>;

		/**
		 * Hashes every item of a list, as one call: much cheaper than a call for each where items are small. All items are
		 * copied before it returns, which takes about a millisecond for 4 MiB.
		 *
		 * @returns The hashes in the order of the items. Buffers share one memory, so none of them can be transferred.
		 */
		map<Options extends HashOptions = {readonly encoding?: undefined}>(
			algorithm: HashAlgorithm,
			list: Iterable<KernelInput>,
			options?: Options,
		): Promise<Array<HashOf<Options>>>;

		/**
		 * Reads and hashes files, 256 KiB at a time and thread, whatever their size.
		 *
		 * @returns The hashes in the order of the paths; in place of one of a file that can't be read the error, with
		 * `code`, `errno`, `syscall` and `path` as Node gives them.
		 */
		files<Options extends HashOptions = {readonly encoding?: undefined}>(
			algorithm: HashAlgorithm,
			paths: Iterable<string | URL | Buffer>,
			options?: Options,
		): Promise<Array<HashOf<Options> | NodeJS.ErrnoException>>;
	};

	export interface CompressOptions extends KernelOptions {
		/** A whole number in the range of the format. */
		readonly level?: number | undefined;
	}

	export interface DecompressOptions extends KernelOptions {
		/**
		 * Bytes that may come out at most, from 0 to 2^32 - 1. What would give more is rejected with
		 * `ERR_OUTPUT_TOO_LARGE`, before the memory is taken.
		 *
		 * @default 1 GiB
		 */
		readonly maxOutputLength?: number | undefined;
	}

	/** Compresses on a Rust thread. The output is what `node:zlib` and the usual tools read. */
	export const compress: {
		(format: CompressionFormat, data: KernelInput, options?: CompressOptions): Promise<Buffer>;
		/** Compresses every item of a list, as one call. */
		map(format: CompressionFormat, list: Iterable<KernelInput>, options?: CompressOptions): Promise<Buffer[]>;
	};

	/** Decompresses on a Rust thread. Rejects with `ERR_INVALID_DATA` what is corrupt, cut off or followed by more. */
	export const decompress: {
		(format: CompressionFormat, data: KernelInput, options?: DecompressOptions): Promise<Buffer>;
		/** Decompresses every item of a list, as one call. The first failure rejects it; its `index` tells which. */
		map(format: CompressionFormat, list: Iterable<KernelInput>, options?: DecompressOptions): Promise<Buffer[]>;
	};

	/**
	 * Sets how the threads of the kernels will be, for the whole process; before the first kernel is called.
	 *
	 * @param options.threads - From 1 to 1024; default the environment variable `P_LANES_THREADS`, else
	 * `os.availableParallelism()`.
	 * @param options.reserve - Threads that offline calls never take, from 0 to below `threads`; default 1 where there is
	 * more than one thread.
	 * @throws {InvalidArgError} A number is out of its range, or a kernel was called before.
	 */
	export function configure(options: {
		readonly threads?: number | undefined;
		readonly reserve?: number | undefined;
	}): void;

	/**
	 * Gives a function a limit of its own.
	 *
	 * @param fn - The function to limit.
	 * @param options - As for `pLimit`.
	 * @returns A function like `fn` that runs at most so often at once, with the `clearQueue` of its limit.
	 */
	export function limitFunction<Arguments extends unknown[], ReturnType>(
		fn: (...args: Arguments) => PromiseLike<ReturnType> | ReturnType,
		options: number | LimitOptions | JoinOptions,
	): ((...args: Arguments) => Promise<ReturnType>) & Pick<Lane, 'clearQueue'>;

	export {pLimit, pLimit as default};
}

export = pLimit;
