// Those of these names that are global elsewhere are the program's own, where it has them.
import type {
	AbortSignal,
	AnyBuffer,
	AsyncSource,
	Buffer,
	Disposes,
	DisposesAtOnce,
	Emitter,
	Environment,
	ErrnoException,
	ResourceLimits,
	ResultDuplex,
	Results,
	ResultsToLeave,
	ShareEnv,
	Source,
	Transferable,
	URL,
	Worker,
} from './entries/platform.js';

/**
 * Limits how many promise-returning functions run at once: a drop-in for p-limit, with a lane of its own for
 * batch work.
 *
 * @param options - How many may run at once, or an object of options.
 * @returns A function that queues calls. It is the online lane; `limit.offline` is the other.
 * @throws {TypeError} `concurrency` is not a whole number from 1 or `Infinity` (nor an object of {@link
 * pLimit.AdaptiveOptions}), or `rejectOnClear` is no boolean.
 * @throws {InvalidArgError} Another option can't be used, or a limit of that `name` is there and has other ones. A name
 * that is near the name of an option is refused. All other unknown names are ignored, as p-limit does.
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
declare function pLimit(
	options: pLimit.WithContext<pLimit.LimitOptions> & pLimit.WithRate & pLimit.WithAdaptive,
): pLimit.ContextLimit<pLimit.LimitRate, pLimit.AdaptiveStats>;
declare function pLimit(
	options: (pLimit.WithContext<pLimit.LimitOptions> | pLimit.WithContext<pLimit.JoinOptions>) & pLimit.WithRate,
): pLimit.ContextLimit<pLimit.LimitRate>;
declare function pLimit<Names extends string>(
	options: pLimit.WithContext<pLimit.LimitOptions> & pLimit.WithQuotas<Names> & pLimit.WithAdaptive,
): pLimit.ContextLimit<pLimit.RatesOf<Names>, pLimit.AdaptiveStats>;
declare function pLimit<Names extends string>(
	options: (pLimit.WithContext<pLimit.LimitOptions> | pLimit.WithContext<pLimit.JoinOptions>) &
		pLimit.WithQuotas<Names>,
): pLimit.ContextLimit<pLimit.RatesOf<Names>>;
declare function pLimit(
	options: pLimit.WithContext<pLimit.LimitOptions> & pLimit.WithAdaptive,
): pLimit.ContextLimit<pLimit.AnyRate, pLimit.AdaptiveStats>;
declare function pLimit(
	options: pLimit.WithContext<pLimit.LimitOptions> | pLimit.WithContext<pLimit.JoinOptions>,
): pLimit.ContextLimit;
declare function pLimit(
	options: pLimit.LimitOptions & pLimit.WithRate & pLimit.WithAdaptive,
): pLimit.Limit<pLimit.LimitRate, pLimit.AdaptiveStats>;
declare function pLimit(
	options: (pLimit.LimitOptions | pLimit.JoinOptions) & pLimit.WithRate,
): pLimit.Limit<pLimit.LimitRate>;
declare function pLimit<Names extends string>(
	options: pLimit.LimitOptions & pLimit.WithQuotas<Names> & pLimit.WithAdaptive,
): pLimit.Limit<pLimit.RatesOf<Names>, pLimit.AdaptiveStats>;
declare function pLimit<Names extends string>(
	options: (pLimit.LimitOptions | pLimit.JoinOptions) & pLimit.WithQuotas<Names>,
): pLimit.Limit<pLimit.RatesOf<Names>>;
declare function pLimit(
	options: pLimit.LimitOptions & pLimit.WithAdaptive,
): pLimit.Limit<pLimit.AnyRate, pLimit.AdaptiveStats>;
declare function pLimit(options: number | pLimit.LimitOptions | pLimit.JoinOptions): pLimit.Limit;

declare namespace pLimit {
	/**
	 * A signal that aborts calls: an `AbortSignal` of any realm, or one of a package that stands in for it, such as
	 * abort-controller. Where the signal has no `reason`, what it aborts rejects with an `AbortError`, a `DOMException`.
	 *
	 * It gets one `abort` listener in a thread, whatever number of limits, pools and kernels use it, and none when no call
	 * uses it any more. A call whose signal throws, in `aborted` or `addEventListener`, rejects with that, and does not run.
	 */
	export interface AbortSignalLike {
		readonly aborted: boolean;
		readonly reason?: unknown;
		addEventListener(type: 'abort', listener: () => void, options?: {once?: boolean}): void;
		removeEventListener(type: 'abort', listener: () => void, options?: {capture?: boolean}): void;
	}

	/** Options with a rate. A limit that is made with them is known to have it. */
	export interface WithRate {
		readonly rate: RateOptions;
	}

	/** Options with quotas. A limit that is made with them is known to have those. */
	export interface WithQuotas<Names extends string> {
		readonly rate: {readonly [Name in Names]: RateOptions};
	}

	/** The rates of a limit with quotas, by name. */
	export type RatesOf<Names extends string> = {readonly [Name in Names]: LimitRate};

	/** The rates of a limit whose quotas are not known by name. They have none of the names of what a rate has. */
	export interface QuotaRates {
		readonly [name: string]: LimitRate | undefined;
		readonly limit?: undefined;
		readonly interval?: undefined;
		readonly burst?: undefined;
		readonly window?: undefined;
		readonly offset?: undefined;
	}

	/** The `rate` of any limit: one rate, those of its quotas, or none. */
	export type AnyRate = LimitRate | QuotaRates | undefined;

	/** What a `rate` may be set to. Quotas that are left out stay. */
	type Settable<Rate> = Rate extends LimitRate
		? RateOptions
		: Rate extends QuotaRates
			? string extends keyof Rate
				? QuotaOptions
				: {readonly [Name in keyof Rate]?: RateOptions | undefined}
			: never;

	/** Options with an adaptive concurrency. A limit that is made with them is known to have its numbers in `stats()`. */
	export interface WithAdaptive {
		readonly concurrency: AdaptiveOptions;
	}

	/**
	 * A queue of calls in one lane of a limit. It is a p-limit itself and can be handed to any code that takes one.
	 *
	 * @typeParam Rate - The type of its `rate`: without `undefined` if the limit was made with one.
	 */
	export interface Lane<Rate extends AnyRate = AnyRate> extends LaneMethods<[], Rate> {
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

		/**
		 * This lane with options bound to every call: the same limit, and the counts of the lane. What was bound before
		 * stays, unless it is given anew.
		 *
		 * @throws {InvalidArgError} An option can't be used, or the lane may never hold that `weight`: not now, nor at the `max` of an
		 * adaptive concurrency.
		 */
		with(options: WithContext<TaskOptions>): ContextLane<Rate>;
		with(options: TaskOptions): Lane<Rate>;
	}

	/** A lane of which `context: true` is bound: its functions get a context. */
	export interface ContextLane<Rate extends AnyRate = AnyRate> extends LaneMethods<[context: RunContext], Rate> {
		/** As that of {@link Lane}, but for the context. */
		<Arguments extends unknown[], ReturnType>(
			fn: (context: RunContext, ...args: Arguments) => PromiseLike<ReturnType> | ReturnType,
			...args: Arguments
		): Promise<ReturnType>;

		/** As that of {@link Lane}. */
		with(options: TaskOptions & {readonly context: false}): Lane<Rate>;
		with(options: TaskOptions): ContextLane<Rate>;
	}

	/** The same options with `context: true`: the functions of the calls get a context. */
	export type WithContext<Options extends {readonly context?: boolean | null | undefined}> = Omit<
		Options,
		'context'
	> & {
		readonly context: true;
	};

	/** What lanes have beside their call. `Context` is what their functions get as last argument, or `once` as first one. */
	export interface LaneMethods<Context extends unknown[], Rate extends AnyRate = AnyRate> {
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
		get rate(): Rate;
		// What is read has to be assignable for TypeScript below 5.1.
		set rate(rate: Settable<Rate> | Rate);

		/**
		 * Takes a cost from the limit's rate without a call, whether or not it is there, and gives it back where it is
		 * negative: for what a call has cost beyond the `cost` that it was given, and for what others have used of the
		 * same allowance. What is given back beyond a full `burst` is lost. A limit without a rate takes no notice, as of
		 * a `cost`.
		 *
		 * @param cost - A whole number from -(2^31 - 1) to 2^31 - 1, of each quota; or such numbers by quota.
		 * @throws {InvalidArgError} It is no such number, or the limit has no such quota. Then nothing has changed.
		 *
		 * @example
		 * ```
		 * const answer = await model.with({cost: estimate})(ask, prompt);
		 * model.charge(answer.usage.totalTokens - estimate);
		 * ```
		 */
		charge(cost: number | QuotaCosts): void;

		/**
		 * Learns from what a server says of its rate limits in the headers of a response. Until the server's window ends, no
		 * more starts than it says is left, less what has started since that request was sent; then no more than its limit, until
		 * the next answer. The limit's own rate bounds starts as before, and stays what it is. A server that answers 400 or
		 * higher with `retry-after` or `retry-after-ms` pauses the limit. So does, if the limit has no rate, one that leaves
		 * nothing.
		 *
		 * It reads `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers, in all its forms),
		 * `RateLimit-Limit`, `-Remaining` and `-Reset`, the same with `X-`, `x-ratelimit-limit-tokens` and the like, as OpenAI
		 * has them, and `anthropic-ratelimit-tokens-limit` and the like. What can't be read is left out. No server makes calls
		 * wait for longer than an hour, or an `interval` of the quota if that is longer.
		 *
		 * Call it in the function of the call. A function with a context has one that
		 * {@link RunContext.observe | knows its request}. A response to a request that was sent before that of the last response
		 * that counted changes nothing.
		 *
		 * @param response - A response of fetch, undici, axios, got, superagent or `node:http`, an error with such a `response`,
		 *   an object with `headers`, or a `Headers`.
		 * @returns What was read, in the order of the headers. It is empty if there is nothing to read.
		 * @throws {InvalidArgError} It has no headers, or an option can't be used.
		 *
		 * @example
		 * ```
		 * const api = pLimit({concurrency: 8, rate: {limit: 100, interval: 60_000}});
		 * const page = await api(async () => {
		 * 	const response = await fetch(url);
		 * 	api.observe(response);
		 * 	return response.text();
		 * });
		 * ```
		 */
		observe(response: object, options?: ObserveOptions): RateLimitReading[];

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
		 * An async iterable is pulled as there is room: at most `concurrency` items, and the `highWaterMark` that a stream has
		 * by default, are pulled and have not ended. If it throws, the promise rejects once the items before have ended. Items
		 * that `clearQueue` drops reject with an `AbortError`.
		 *
		 * @param iterable - Items, which may be promises; only those of an async iterable are awaited. Array-likes do as well.
		 * @param mapper - Gets an item and its index, and with `context: true` its {@link RunContext}. If it returns {@link skip}, the item has no result.
		 * @returns The results in the order of the items. The first failure rejects it; the other items go on, unless
		 * `options.stopOnError` says otherwise.
		 */
		map<Input, ReturnType>(
			iterable: Iterable<Input>,
			mapper: (item: Input, index: number, ...context: Context) => PromiseLike<ReturnType> | ReturnType,
			options: Settling<LimitMapOptions<Input>>,
		): Promise<Array<Outcome<Input, Kept<ReturnType>>>>;
		map<Input, ReturnType>(
			iterable: Iterable<Input>,
			mapper: (item: Input, index: number, ...context: Context) => PromiseLike<ReturnType> | ReturnType,
			options?: LimitMapOptions<Input>,
		): Promise<Array<Kept<ReturnType>>>;
		map<Input, ReturnType>(
			iterable: AsyncSource<Input>,
			mapper: (item: Awaited<Input>, index: number, ...context: Context) => PromiseLike<ReturnType> | ReturnType,
			options: Settling<AsyncMapOptions<Awaited<Input>>>,
		): Promise<Array<Outcome<Awaited<Input>, Kept<ReturnType>>>>;
		map<Input, ReturnType>(
			iterable: AsyncSource<Input>,
			mapper: (item: Awaited<Input>, index: number, ...context: Context) => PromiseLike<ReturnType> | ReturnType,
			options?: AsyncMapOptions<Awaited<Input>>,
		): Promise<Array<Kept<ReturnType>>>;

		/**
		 * `map` that never fails by an item: gives for each what `Promise.allSettled` would, and the item and its index. It is
		 * `map` with `settle: true`.
		 *
		 * @throws (rejects) the reason of `options.signal`, and what refuses the whole map.
		 */
		settle<Input, ReturnType>(
			iterable: Iterable<Input>,
			mapper: (item: Input, index: number, ...context: Context) => PromiseLike<ReturnType> | ReturnType,
			options?: Omit<LimitMapOptions<Input>, 'stopOnError' | 'settle'>,
		): Promise<Array<Outcome<Input, Kept<ReturnType>>>>;
		settle<Input, ReturnType>(
			iterable: AsyncSource<Input>,
			mapper: (item: Awaited<Input>, index: number, ...context: Context) => PromiseLike<ReturnType> | ReturnType,
			options?: Omit<AsyncMapOptions<Awaited<Input>>, 'stopOnError' | 'settle'>,
		): Promise<Array<Outcome<Awaited<Input>, Kept<ReturnType>>>>;

		/**
		 * Calls `mapper` for the items of a source that is pulled no faster than the results are taken: at most
		 * `concurrency + highWaterMark` items are pulled and not yet given out as results.
		 *
		 * Leaving the loop, an error and an abort call the source's `return()`, drop what waits for a slot and let run
		 * what runs. Nothing is pulled before the first result is asked for.
		 *
		 * A loop that is left, and an error, wait until a `next()` of the source that is in flight and its `return()` have
		 * settled, as with an async generator; without end if they never settle. A `return()` that rejects is the error of
		 * a loop that has no other. An abort does not wait, and ends the wait with its reason.
		 *
		 * The source and the mapper run in the async context of this call, whoever reads the stream.
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
			source: Source<Input>,
			mapper: (item: Awaited<Input>, index: number, ...context: Context) => PromiseLike<ReturnType> | ReturnType,
			options: Settling<LimitStreamOptions<Awaited<Input>>>,
		): Results<Outcome<Awaited<Input>, Kept<Awaited<ReturnType>>>>;
		stream<Input, ReturnType>(
			source: Source<Input>,
			mapper: (item: Awaited<Input>, index: number, ...context: Context) => PromiseLike<ReturnType> | ReturnType,
			options?: LimitStreamOptions<Awaited<Input>>,
		): Results<Kept<Awaited<ReturnType>>>;

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
			mapper: (item: Input, index: number, ...context: Context) => PromiseLike<ReturnType> | ReturnType,
			options: Settling<LimitStreamOptions<Input>>,
		): ResultDuplex<Outcome<Input, Kept<ReturnType>>>;
		transform<Input, ReturnType>(
			mapper: (item: Input, index: number, ...context: Context) => PromiseLike<ReturnType> | ReturnType,
			options?: LimitStreamOptions<Input>,
		): ResultDuplex<Kept<ReturnType>>;

		/**
		 * Queues one call of a function that can be stopped, with options of this call. What was bound by `with` stays, unless
		 * it is given anew.
		 *
		 * @param fn - Gets a {@link RunContext}, also when it is run again.
		 * @param options - Those of `with`, and `id`.
		 * @returns What `fn` returns or throws: a promise that is also the {@link Call handle} of the call.
		 * @throws {InvalidArgError} (rejects) `fn` is no function, or an option can't be used, as in `with`.
		 *
		 * @example
		 * ```
		 * const page = await limit.run(({signal}) => fetch(url, {signal}), {timeout: 5000, retry: 2, label: 'page'});
		 * ```
		 */
		run<ReturnType>(
			fn: (context: RunContext) => PromiseLike<ReturnType> | ReturnType,
			options?: CallOptions,
		): Call<ReturnType>;

		/**
		 * Waits for slots in the place of a call, and gives them to the caller to hold: for work that is no function call.
		 * While it waits and while it holds them, it is a call to `stats()`, `drain`, pauses and the rest. In a chain it holds
		 * slots of all limits. See `docs/guide/slots.md`.
		 *
		 * A slot that is collected and was not released is given back, with a process warning (`P_LANES_SLOT_COLLECTED`).
		 * `nested` does not know of it: calls that are made while it is held are not inside of it, and a task lends it nothing.
		 *
		 * @param options - Those of `with` but `retry`, `attemptTimeout` and `context`, which have no meaning here also where
		 * they are bound. A `timeout` and a `signal` abort the signal of the slot, which stays held until it is released;
		 * with `releaseSlot` it is given back at the `timeout`.
		 * @throws {InvalidArgError} (rejects) An option can't be used.
		 * @throws (rejects) What a call rejects with that gets no slot: the reason of its signal, a `QueueTimeoutError`, and
		 * others.
		 *
		 * @example
		 * ```
		 * await using slot = await limit.acquire({signal: request.signal});
		 * await pump(request, response);
		 * ```
		 */
		acquire(options?: AcquireOptions): Promise<Slot>;

		/**
		 * Takes slots if a call would start now, as {@link acquire} gives them. Else nothing has changed: it takes no place in
		 * the queue. In a chain it takes slots of all limits, or of none.
		 *
		 * @returns The slot, or `undefined` if it would have to wait.
		 * @throws {InvalidArgError} An option can't be used.
		 * @throws {LimitClosedError} The limit is drained.
		 * @throws The reason of `options.signal`, if that has aborted.
		 *
		 * @example
		 * ```
		 * const slot = limit.offline.tryAcquire();
		 * if (slot === undefined) return; // there is no room for the cleaning now
		 * try {
		 * 	await clean();
		 * } finally {
		 * 	slot.release();
		 * }
		 * ```
		 */
		tryAcquire(options?: AcquireOptions): Slot | undefined;

		/**
		 * Calls `fn`, unless a call under the same key waits or runs: then gives that one's outcome. Keys are compared
		 * as those of a `Map`, and are the whole limit's. A caller of the online lane, or of a higher `priority`,
		 * who joins what waits moves it to the place of its own calls; a bound `signal` ends the wait of its own caller alone.
		 */
		once<Arguments extends unknown[], ReturnType>(
			key: unknown,
			fn: (...args: [...Context, ...Arguments]) => PromiseLike<ReturnType> | ReturnType,
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

	/** What calls of a chain ask of its second limit, instead of what they ask of the first. */
	export interface ChainOptions {
		/**
		 * Slots: a whole number from 1 to the most that the limit has. Default: the weight that is bound to the limit, or else
		 * that of the call.
		 */
		readonly weight?: number | null | undefined;

		/**
		 * A cost of the rate: a whole number from 0 to 2^31 - 1. Default: the cost that is bound to the limit, or else that of
		 * the call, or else the weight. By quota, as `cost` of a call.
		 */
		readonly cost?: number | QuotaCosts | null | undefined;
	}

	/** What `acquire` and `tryAcquire` take: the options of a call that has no function, and so no attempts. */
	export type AcquireOptions = Omit<TaskOptions, 'retry' | 'attemptTimeout' | 'context'>;

	/** Slots that the caller holds; with a `weight` several. `using` and `await using` release it at the end of the block. */
	export interface Slot extends Disposes, DisposesAtOnce {
		/** The lane that it was taken in. */
		readonly lane: LaneName;

		/**
		 * Aborted when the holder should stop: by the `signal` or the `timeout` of the options, or a `drain` that waits no
		 * longer. It is not aborted by `release`.
		 */
		readonly signal: AbortSignal;

		/**
		 * Gives the slots back, at once. A second call has no effect. It needs no `this`, so it may be handed over as a
		 * callback.
		 *
		 * @param error - What the work has failed with. It counts as a failed call then, from which an adaptive limit learns.
		 */
		readonly release: (error?: unknown) => void;
	}

	/** What a function gets that is called by `run`, or with `context: true`. Each attempt has its own. */
	export interface RunContext {
		/**
		 * Aborted when the call is given up: with the reason of its own `signal`, with the `TaskTimeoutError` of its `timeout`,
		 * or with the `LimitClosedError` of a `drain` that waits no longer. It is not aborted when the call has ended. All
		 * attempts of a call have one signal; with an `attemptTimeout` each has its own, which is also aborted when the attempt
		 * takes too long, with a `TaskTimeoutError`.
		 */
		readonly signal: AbortSignal;
		/** 1 for the first attempt, 2 for the first retry, and so on. */
		readonly attempt: number;
		/** The lane that the call was queued in. */
		readonly lane: LaneName;
		/**
		 * Says what this attempt has really cost of the limit's `rate`: a number of each quota, or numbers by quota; those
		 * that are left out keep their estimate. The difference to what it took when it started is taken, or given back. A
		 * second call corrects the first. It has no effect once the function has ended (use `charge` then), and on a limit
		 * without a rate.
		 *
		 * All is given back without a call of it if the function fails with an error that says that nothing was sent:
		 * `ECONNREFUSED`, `ENOTFOUND`, `EAI_AGAIN`, `ENETUNREACH`, `EHOSTUNREACH`, `UND_ERR_CONNECT_TIMEOUT` or
		 * `ERR_INVALID_URL`, as the `code` of the error, of its `cause`, or of the first of its `errors`. An attempt that has
		 * settled keeps what it has said.
		 *
		 * @param cost - A whole number from 0 to 2^31 - 1, or such numbers by quota.
		 * @throws {InvalidArgError} It is neither, or the limit has no such quota. Then nothing has changed.
		 */
		settle(cost: number | QuotaCosts): void;

		/**
		 * As {@link Lane.observe}, for the response to a request that this attempt has sent. It knows when that was. A
		 * `Retry-After` pauses the lane of an offline call, and the whole limit for an online one. In a chain of limits, the
		 * first one learns. After the attempt has ended, it is as `observe` of the limit; once another attempt of the call has
		 * begun, it only reads.
		 *
		 * @throws {InvalidArgError} It has no headers, or an option can't be used.
		 */
		readonly observe: (response: object, options?: Pick<ObserveOptions, 'quotas'>) => RateLimitReading[];
	}

	/** Options of `observe`. */
	export interface ObserveOptions {
		/**
		 * By the server's name of a quota (that of its policy, such as `default`, or what it counts, such as `input-tokens`),
		 * the name of the limit's quota that it is about; `null` for none. Others are found by their names, units and windows.
		 */
		readonly quotas?: Readonly<Record<string, string | null>> | null | undefined;

		/**
		 * What `performance.now()` returned when the request was sent. Default: when the call began that has run for the longest
		 * time. That is before any request of the calls that run.
		 */
		readonly sentAt?: number | null | undefined;
	}

	/** What a server says of one of its quotas. */
	export interface RateLimitReading {
		/** The server's name of the quota, if it has one: `default`, `tokens`, `requests-day`. */
		readonly name?: string | undefined;
		/** What the quota counts: `requests` if the server does not say otherwise. */
		readonly unit: string;
		/** What may start in a window. */
		readonly limit?: number | undefined;
		/** What may still start. */
		readonly remaining?: number | undefined;
		/** Milliseconds until more may start. */
		readonly resetsIn?: number | undefined;
		/** Milliseconds of a window. */
		readonly window?: number | undefined;
		/** The name of the limit's quota that it is about, if that has a name. */
		readonly quota: string | undefined;
		/** Whether the limit has learned from it: it is about a quota of the limit, no other one left less, and it is not late. */
		readonly learned: boolean;
	}

	/** What `clearQueue` takes. It ignores all other names, unless one is near the name of the option. */
	export interface ClearOptions {
		/**
		 * Whether to drop what other threads have waiting at a limit that is shared by `name`, too. There the
		 * `rejectOnClear` counts that was given in that thread.
		 *
		 * @default false
		 */
		readonly everywhere?: boolean | null | undefined;
	}

	/** What `with` binds. `null` stands for an option that is not given, here and in all options but p-limit's own. */
	export interface TaskOptions {
		/** The lane to queue in. */
		readonly lane?: LaneName | null | undefined;

		/**
		 * Within its lane a higher one starts first, and equals in the order they came in: a whole number.
		 *
		 * @default 0
		 */
		readonly priority?: number | null | undefined;

		/**
		 * How many slots each call holds: a whole number from 1 to the most that its lane may hold, at its `max` where the
		 * concurrency is adaptive. A heavy call that waits is not overtaken by later, lighter ones of its lane. Where the
		 * concurrency is below it, as it was lowered or an adaptive one is low at present, it runs alone.
		 *
		 * @default 1
		 */
		readonly weight?: number | null | undefined;

		/**
		 * How much of the limit's `rate` each call takes: a whole number from 0 (free) to 2^31 - 1. What costs more than
		 * `rate.burst` starts when all of it is there, and delays what comes after it by as much. A limit without a rate
		 * takes no notice.
		 *
		 * With quotas by name, a number is of each of them, and an object names some: `{tokens: 1200}`. The others take the
		 * `weight`. A limit that has no such quota refuses it. Limits behind this one, in a chain, take what they have.
		 *
		 * @default weight
		 */
		readonly cost?: number | QuotaCosts | null | undefined;

		/**
		 * A call that waits leaves the queue and rejects with the signal's reason. One that runs rejects as well; its slot
		 * is held until it has ended.
		 */
		readonly signal?: AbortSignalLike | null | undefined;

		/**
		 * Milliseconds that a call may wait for its start, be it for a slot or for the rate; then it rejects with a
		 * `QueueTimeoutError`. Under fake timers, of the fake clock or of the real one, whichever is first.
		 */
		readonly queueTimeout?: number | null | undefined;

		/**
		 * Milliseconds from the start until the call rejects with a `TaskTimeoutError`, all retries included; its slot is
		 * held until it has ended. Under fake timers, of the fake clock or of the real one, whichever is first.
		 */
		readonly timeout?: number | null | undefined;

		/**
		 * Milliseconds that each attempt may take. Then the signal of its context is aborted with a `TaskTimeoutError`. The
		 * attempt has failed with that error when its function has ended, unless that gives a value, and `retry` says what
		 * follows. If no other attempt may follow, the call rejects at once, as at its `timeout`. Without `retry` it is the
		 * same as `timeout`. Under fake timers, of the fake clock or of the real one, whichever is first.
		 *
		 * @default Infinity
		 */
		readonly attemptTimeout?: number | null | undefined;

		/**
		 * Whether the slot is given to the next call at the `timeout`, although the function still runs: for functions that
		 * can't be stopped and may never end. At the `attemptTimeout` the next attempt begins then, and after the last one the
		 * slot is given away. What runs then exceeds `concurrency`; `stats().abandoned` counts it. Only with a `timeout` or
		 * an `attemptTimeout`, which may be bound before.
		 *
		 * @default false
		 */
		readonly releaseSlot?: boolean | null | undefined;

		/** How often a call that fails is run again, or p-retry's options. It keeps its slot meanwhile. */
		readonly retry?: number | RetryOptions | null | undefined;

		/**
		 * Names the calls in `stats()`, in what `drain` tells and in errors of timeouts.
		 *
		 * @default the name of the function
		 */
		readonly label?: string | null | undefined;

		/**
		 * Whether functions get a {@link RunContext}: those of plain calls and of `once` before their arguments, mappers after
		 * the index. Those of `run` always get it, and only it.
		 *
		 * @default false
		 *
		 * @example
		 * ```
		 * const api = pLimit({concurrency: 8, timeout: 5000, context: true});
		 * const page = await api(({signal}, url) => fetch(url, {signal}), 'https://example.com/');
		 * ```
		 */
		readonly context?: boolean | null | undefined;
	}

	/** What `shouldRetry` and `onFailedAttempt` get, as in p-retry. It is frozen. */
	export interface RetryContext {
		/** What the attempt threw or rejected with. */
		// biome-ignore lint/suspicious/noExplicitAny: as in a `catch` of JavaScript
		readonly error: any;
		/** 1 for the first attempt. */
		readonly attemptNumber: number;
		/** How many retries may follow; 0 after the last attempt. */
		readonly retriesLeft: number;
		/** How many retries there were: `attemptNumber - 1`. */
		readonly retriesConsumed: number;
	}

	/**
	 * When to run a failed call again. Names, defaults and meaning are those of p-retry. A retry keeps the slot of its
	 * call, and takes the cost of the call from the limit's `rate` again. An adaptive limit hears of each attempt that
	 * fails.
	 *
	 * Two errors are not retried: an `AbortError` of p-retry, whose `originalError` the call rejects with, and a
	 * `TypeError` that is no network error of `fetch`. An aborted `fetch` is retried, unless a signal of the call or of
	 * `retry` has aborted.
	 */
	export interface RetryOptions {
		/** @default 10 */
		readonly retries?: number | null | undefined;
		/** Milliseconds before the first retry. @default 1000 */
		readonly minTimeout?: number | null | undefined;
		/** Milliseconds before a retry at most, unless a server asks for more (`maxRetryAfter`). @default Infinity */
		readonly maxTimeout?: number | null | undefined;
		/**
		 * Milliseconds from the start of the first attempt, after which no attempt follows. The last wait is cut so that it
		 * ends then. If a server asks for a longer wait, or a pause or the rate holds the attempt up for longer, no attempt
		 * follows. It counts real time, also under fake timers.
		 *
		 * @default Infinity
		 */
		readonly maxRetryTime?: number | null | undefined;
		/** How many times as long each wait is as the one before. @default 2 */
		readonly factor?: number | null | undefined;
		/** Whether to wait longer by chance, up to twice as long. @default false */
		readonly randomize?: boolean | null | undefined;
		/**
		 * Whether another attempt follows. By default one does. It is called if retries and time are left, and not for errors
		 * that are never retried. It runs in the async context of the call.
		 */
		readonly shouldRetry?: ((context: RetryContext) => boolean | PromiseLike<boolean>) | null | undefined;
		/**
		 * Called after each attempt that failed, the last one too, but not for an `AbortError` of p-retry. If it throws or
		 * rejects, the call rejects with that error. It runs in the async context of the call.
		 */
		readonly onFailedAttempt?: ((context: RetryContext) => unknown) | null | undefined;
		/**
		 * Ends the retries: a wait at once, and a running attempt when it has ended, whatever its outcome. The call then
		 * rejects with the signal's reason. The `signal` of `with` does not wait for the attempt. A call that waits for its slot
		 * rejects when it has it, and does not run.
		 */
		readonly signal?: AbortSignalLike | null | undefined;
		/**
		 * Milliseconds that the error asks to wait, if it does. It is asked after each attempt that failed, the last one too.
		 * The wait pauses the calls that `scope` says, in all threads that share the limit. If it returns anything but a
		 * number, `undefined` or `null`, the call rejects with an `InvalidArgError`. The function `retryAfter` of this package
		 * reads the headers of that name. It runs in the async context of the call.
		 */
		// biome-ignore lint/suspicious/noExplicitAny: as above
		readonly retryAfter?: ((error: any) => number | undefined | PromiseLike<number | undefined>) | null | undefined;
		/**
		 * The longest wait that a server may ask for, in milliseconds from 0, or Infinity. If it asks for more, nothing is
		 * paused, and a call that would be retried rejects with a `RetryAfterError` at once.
		 *
		 * @default 60_000
		 */
		readonly maxRetryAfter?: number | null | undefined;
		/**
		 * Whom a wait that a server asked for pauses: `'call'`, no other call; `'lane'`, the lane of the call; `'limit'`, both
		 * lanes.
		 *
		 * @default 'lane' for an offline call, 'limit' for an online one
		 */
		readonly scope?: 'call' | 'lane' | 'limit' | null | undefined;
	}

	/** How far a map, a stream or a kernel is. */
	export interface Progress {
		/** Items that have ended, with a result or an error. */
		readonly done: number;
		/** Those of `done` that ended with an error. */
		readonly failed: number;
		/** All items. `undefined` while it is not known: of a source that is not an array, until it has ended. */
		readonly total: number | undefined;
		/** Items per second, over the last five seconds. */
		readonly rate: number;
		/** Milliseconds until all items have ended, at this rate. `undefined` while `total` is not known or `rate` is 0. */
		readonly eta: number | undefined;
	}

	/** Options of calls that work on many items. */
	export interface ProgressOptions {
		/**
		 * Called with the progress now and then, and once more before the call ends. It runs in the async context of the call.
		 * What it returns is ignored. An error that it throws is the error of the call: no more items begin.
		 */
		readonly onProgress?: ((progress: Progress) => void) | null | undefined;

		/**
		 * Milliseconds between two calls of `onProgress`, at least: a number from 0.
		 *
		 * @default 100
		 */
		readonly progressInterval?: number | null | undefined;
	}

	/**
	 * What comes of an item that fails. It is the same in a map and a stream, of a limit and of a pool. What runs goes on in
	 * any case.
	 */
	export interface FailureOptions {
		/**
		 * `true`: the first failure rejects the map, or ends the stream in the place of its result. Items that have not begun
		 * are dropped. `false`: all items are run, and failures are left out of the results. If there are any, the map rejects
		 * at its end with an {@link ItemsFailedError}, and a stream does after its last result.
		 *
		 * @default true, with `settle` false. For the `map` of a limit neither: the first failure rejects it, and the other
		 * items are run, as in p-limit
		 */
		readonly stopOnError?: boolean | null | undefined;

		/**
		 * Whether each item gives an {@link Outcome}: `{item, index, status: 'fulfilled', value}` or `{item, index, status:
		 * 'rejected', reason}`. No failure of an item ends the map or stream then, so `stopOnError` can't be `true`. Its source
		 * and its signal still do. The type of options with `settle: true` is {@link Settling}.
		 *
		 * @default false
		 */
		readonly settle?: false | null | undefined;
	}

	/** Options of the limit's calls that work on many items. */
	export interface ItemOptions<Item> extends ProgressOptions, FailureOptions {
		/**
		 * Gives the cost of each item, in place of the `cost` that is bound: a whole number from 0 to 2^31 - 1. A map asks for
		 * all costs first, and a stream for each as it pulls the item. If it throws or returns anything else, no more items
		 * begin, and that is the error of the map or stream. Such items are queued one by one, not as one entry.
		 *
		 * @default the `cost` that is bound
		 */
		readonly cost?: ((item: Item, index: number) => number | QuotaCosts) | null | undefined;
	}

	// biome-ignore lint/suspicious/noExplicitAny: of a map whose items are not known
	export interface LimitMapOptions<Item = any> extends ItemOptions<Item> {
		/** Rejects the map with the signal's reason, and drops the items that have not begun. */
		readonly signal?: AbortSignalLike | null | undefined;

		/**
		 * Whether to begin the items in an order by chance, which spreads heavy ones that stand together. Results are in
		 * the order of the items.
		 *
		 * @default false
		 */
		readonly shuffle?: boolean | null | undefined;
	}

	/** The options of a map of an async iterable. */
	type AsyncMapOptions<Item> = Omit<LimitMapOptions<Item>, 'shuffle'> & {readonly shuffle?: false | null | undefined};

	// biome-ignore lint/suspicious/noExplicitAny: of a stream whose items are not known
	export interface LimitStreamOptions<Item = any> extends ItemOptions<Item> {
		/**
		 * Whether results come in the order of the items, else as they are done.
		 *
		 * @default true
		 */
		readonly ordered?: boolean | null | undefined;

		/**
		 * Items that may be pulled beyond those that may run: a whole number from 0.
		 *
		 * @default the concurrency, at most 1024; 16 where it is Infinity, which counts as 0 here (and both together as 1)
		 */
		readonly highWaterMark?: number | null | undefined;

		/** Ends the stream with the signal's reason, at once, and the wait for its source. */
		readonly signal?: AbortSignalLike | null | undefined;
	}

	/** An item that has a result. */
	export interface Fulfilled<Item, Value> {
		readonly item: Item;
		/** The place of the item in its source, from 0. */
		readonly index: number;
		readonly status: 'fulfilled';
		readonly value: Value;
	}

	/** What an item of a map or stream has failed with. */
	export interface ItemFailure<Item> {
		readonly item: Item;
		/** The place of the item in its source, from 0. */
		readonly index: number;
		// biome-ignore lint/suspicious/noExplicitAny: as TypeScript types it
		readonly reason: any;
	}

	/** An item that has failed. */
	export interface Rejected<Item> extends ItemFailure<Item> {
		readonly status: 'rejected';
	}

	/** What an item has come to: a result as `Promise.allSettled` gives it, with the item. */
	export type Outcome<Item, Value> = Fulfilled<Item, Value> | Rejected<Item>;

	/**
	 * A mapper that returns this, or a function in a worker, leaves its item out of the results of `map`, `settle`, `stream`
	 * and `transform`. It is p-map's `pMapSkip`: `Symbol.for('p-lanes.skip')`.
	 *
	 * @example
	 * ```
	 * const found = await limit.map(names, async name => (await find(name)) ?? pLimit.skip);
	 * ```
	 */
	export const skip: unique symbol;

	/** What is left of the results of a mapper that may return `skip`. */
	type Kept<Result> = Exclude<Result, typeof skip>;

	/** Whether an outcome is a result, for `filter`. Also for what `Promise.allSettled` gives. */
	export function isFulfilled<Any extends {readonly status: 'fulfilled' | 'rejected'}>(
		outcome: Any,
	): outcome is Extract<Any, {readonly status: 'fulfilled'}>;

	/** Whether an outcome is a failure, for `filter`. Also for what `Promise.allSettled` gives. */
	export function isRejected<Any extends {readonly status: 'fulfilled' | 'rejected'}>(
		outcome: Any,
	): outcome is Extract<Any, {readonly status: 'rejected'}>;

	/** The same options with `settle: true`: each item gives a result, and no failure stops the others. */
	export type Settling<Options extends {readonly settle?: false | null | undefined}> = Omit<
		Options,
		'settle' | 'stopOnError'
	> & {
		readonly settle: true;
		readonly stopOnError?: false | null | undefined;
	};

	/**
	 * A limit: callable as its online lane, with both lanes counted and cleared together.
	 *
	 * @typeParam Rate - The type of its `rate`: without `undefined` if it was made with one.
	 * @typeParam Adaptive - The type of `stats().adaptive`: without `undefined` if its concurrency is adaptive.
	 */
	export interface Limit<
		Rate extends AnyRate = AnyRate,
		Adaptive extends AdaptiveStats | undefined = AdaptiveStats | undefined,
	> extends Lane<Rate>,
			Disposes {
		/** Someone waits for the answer: granted before anything offline. `limit(...)` goes here. */
		readonly online: Lane<Rate>;

		/** Batch work: takes every slot that is free, but for the `reserve`. */
		readonly offline: Lane<Rate>;

		/** Whether nothing begins now. */
		readonly isPaused: boolean;

		/**
		 * How many calls may wait in each lane. Set a whole number from 0 for both lanes, or `{online, offline}`, of which a
		 * lane that is left out stays as it is. A lower number drops no call that waits; it counts when the next call comes.
		 *
		 * @throws {InvalidArgError} (when it is set) It is no such number or object. Nothing has changed.
		 */
		get maxQueue(): {readonly online: number; readonly offline: number};
		set maxQueue(maxQueue:
			| number
			| {readonly online?: number | null | undefined; readonly offline?: number | null | undefined},);

		/**
		 * The slots that offline work never takes, as the option. It may be changed: that interrupts nothing. A reserve that is
		 * found begins to measure anew.
		 *
		 * @throws {InvalidArgError} (when it is set) It is not below the concurrency, or can't be used. Nothing has changed.
		 */
		get reserve(): number | 'auto' | {readonly wait: number};
		set reserve(reserve: number | 'auto' | ReserveOptions);

		/**
		 * The part of the grants that offline work gets while it waits, from 0 to 1. It may be changed.
		 *
		 * @throws {InvalidArgError} (when it is set) It is no such number. Nothing has changed.
		 */
		offlineShare: number;

		/** The handle of a call by `run` that waits or runs, of this thread; `undefined` if no such call has this `id`. */
		call(id: string | number): Call<unknown> | undefined;

		/**
		 * Sets the priority of a call by `run` that waits.
		 *
		 * @param priority - A whole number; higher ones start first.
		 * @returns Whether a call of this `id` waits.
		 */
		setPriority(id: string | number, priority: number): boolean;

		/**
		 * Lists the calls that run, the oldest first, and then those that wait: of the online and of the offline lane, in the
		 * order in which they start. It takes a time that grows with the queue.
		 *
		 * @param filter - What the calls have that are listed.
		 */
		calls(filter?: CallFilter): ListedCall[];

		/**
		 * This limit with options bound to every call: the same slots, queue, counts, pauses and `drain`. Its `online` and
		 * `offline` have the options, too, but for `lane`, which is the lane of its own calls. What was bound before stays,
		 * unless it is given anew.
		 *
		 * @throws {InvalidArgError} An option can't be used, or the lane may never hold that `weight`: not now, nor at the `max` of an
		 * adaptive concurrency.
		 *
		 * @example
		 * ```
		 * const reports = api.with({priority: -1, timeout: 60_000, label: 'reports'});
		 * await reports.offline.map(days, getReport);
		 * ```
		 */
		with(options: WithContext<TaskOptions>): ContextLimit<Rate, Adaptive>;
		with(options: TaskOptions): Limit<Rate, Adaptive>;

		/**
		 * Begins nothing until `resume`, in any thread that shares the limit. What runs goes on, and calls may come. It has no
		 * effect on a limit that is drained.
		 */
		pause(): void;

		/** Ends a pause of either kind. */
		resume(): void;

		/**
		 * Begins nothing for so many milliseconds. Of several such pauses the one that ends last counts. It has no effect on a
		 * limit that is drained.
		 */
		pauseFor(milliseconds: number): void;

		/**
		 * A limit whose calls take a slot of this limit and then, holding it, one of `limit`: in their lane, and with their
		 * `priority`, `weight` and `cost` in each. Put the limit whose slots it costs little to hold first. Counts, settings,
		 * queue, pauses, `charge`, `drain` and `stats` of the chain are those of this limit. The options that are bound to this
		 * limit stay. Of those that are bound to `limit`, its `weight` and `cost` are asked of it unless they are given here,
		 * and the others have no effect. `queueTimeout` counts for each of the two waits.
		 * What `limit` refuses begins with `chain: `, and what it clears rejects with an `AbortError`. Both limits may be used
		 * alone, and in several chains; see `docs/guide/rates.md`.
		 *
		 * @throws {InvalidArgError} An argument can't be used, or another chain in this thread has the limits in the opposite
		 * order: their calls would wait for each other.
		 *
		 * @example
		 * ```
		 * const api = hourly.chain(perSecond);
		 * await api.offline.map(paths, get);
		 * ```
		 */
		chain(limit: Limit | ContextLimit, options?: ChainOptions): Limit<Rate, Adaptive>;

		/**
		 * Aborted with a `LimitClosedError` when a `drain` gives up waiting: for functions that `run` does not call, such as
		 * mappers. It is always the same signal. Of a limit shared by `name`, only drains of this thread abort it.
		 */
		readonly signal: AbortSignal;

		/**
		 * For a graceful end: refuses calls from now on with a `LimitClosedError`, ends all pauses, runs what is queued, and
		 * resolves when nothing runs any more. With `queued: false` what waits is rejected with that error, and calls that wait
		 * for their next attempt (`retry`) reject with their last error. With a `timeout` or a `signal` it gives up then: it does
		 * the same to what still waits, aborts the signals that running functions have, and resolves.
		 *
		 * A limit shared by `name` is drained for all threads, but only calls of this thread are rejected and aborted. It stays
		 * closed for who has it; who names it when this has resolved because nothing runs makes a new one.
		 *
		 * @returns What had not ended.
		 * @throws {InvalidArgError} (rejects) An option can't be used. The limit is open then.
		 */
		drain(options?: DrainOptions): Promise<DrainReport>;

		/** The limit's numbers as they are now. Always on; see `docs/guide/observability.md` for what that costs. */
		stats(): LimitStats & StatsOf<Rate, Adaptive>;
		/**
		 * The same numbers with histograms, as plain data that may be written as JSON. Two snapshots tell what happened
		 * between them: `later.since(earlier)`. See `docs/guide/observability.md`.
		 *
		 * @example
		 * const before = limit.snapshot();
		 * // a minute later
		 * const {online} = limit.snapshot().since(before);
		 * console.log(online.settled, online.wait.p99);
		 */
		snapshot(): LimitSnapshot & StatsOf<Rate, Adaptive>;
	}

	/** What the numbers of a limit are known to have. */
	type StatsOf<Rate, Adaptive> = ([Rate] extends [LimitRate]
		? {readonly rate: RateStats}
		: [Rate] extends [QuotaRates]
			? {readonly rates: {readonly [Name in keyof Rate]: RateStats}}
			: unknown) &
		([Adaptive] extends [AdaptiveStats] ? {readonly adaptive: AdaptiveStats} : unknown);

	/** A limit of which `context: true` is bound: its functions get a context. */
	export interface ContextLimit<
		Rate extends AnyRate = AnyRate,
		Adaptive extends AdaptiveStats | undefined = AdaptiveStats | undefined,
	> extends ContextLane<Rate>,
			Disposes,
			Omit<Limit<Rate, Adaptive>, keyof Lane | keyof Disposes | 'online' | 'offline' | 'chain' | 'with'> {
		readonly online: ContextLane<Rate>;
		readonly offline: ContextLane<Rate>;
		/** As that of {@link Limit}. */
		with(options: TaskOptions & {readonly context: false}): Limit<Rate, Adaptive>;
		with(options: TaskOptions): ContextLimit<Rate, Adaptive>;
		/** As that of {@link Limit}. */
		chain(limit: Limit | ContextLimit, options?: ChainOptions): ContextLimit<Rate, Adaptive>;
	}

	/** How a limit is drained. */
	export interface DrainOptions {
		/**
		 * Whether the calls that wait are run, else they are rejected.
		 *
		 * @default true
		 */
		readonly queued?: boolean | null | undefined;

		/**
		 * Milliseconds after which the drain gives up: from 0 to 2147483647, or `Infinity`. Under fake timers, of the fake clock
		 * or of the real one, whichever is first.
		 *
		 * @default Infinity
		 */
		readonly timeout?: number | null | undefined;

		/** The drain gives up when it aborts, or at once if it has. The promise does not reject. */
		readonly signal?: AbortSignalLike | null | undefined;
	}

	/** What had not ended when a drain resolved. If it gave up: just before it aborted signals. */
	export interface DrainReport {
		/** Whether nothing runs, in any thread that shares the limit. */
		readonly isIdle: boolean;
		readonly online: UnfinishedCalls;
		readonly offline: UnfinishedCalls;
		/** Functions of this thread that go on although `releaseSlot` has given their slots away. */
		readonly abandoned: LabelCount[];
	}

	/** What had not ended in one lane. */
	export interface UnfinishedCalls {
		/** Calls that ran, of all threads that share the limit. */
		readonly active: number;
		/** Calls that this drain has rejected, because they had not begun. */
		readonly dropped: number;
		/** The calls of this thread that ran, by their labels; the most frequent label first. */
		readonly labels: LabelCount[];
	}

	/** So many calls have that label; see {@link TaskOptions.label}. `'(anonymous)'` stands for no name. */
	export interface LabelCount {
		readonly label: string;
		readonly count: number;
	}

	/** The options of `run`: those of `with`, and the `id` of the call. */
	export interface CallOptions extends TaskOptions {
		/**
		 * By what `limit.call(id)` finds the call: a string or a number that no other call of the limit has that waits or
		 * runs.
		 *
		 * @default a number, which it gets when it is first read or listed
		 */
		readonly id?: string | number | null | undefined;
	}

	/** The promise that `run` returns, by which its call can be cancelled and moved. What is derived from it is a plain promise. */
	export interface Call<ReturnType> extends Promise<ReturnType> {
		/** `undefined` if the call was refused. */
		readonly id: string | number | undefined;

		/** `'running'` once its function was called; `'settled'` once its outcome is decided, or it was cleared. */
		readonly state: 'waiting' | 'running' | 'settled';

		/**
		 * Its priority: a whole number, higher ones start first. Setting it moves a call that waits behind those of that
		 * priority, and has no effect on any other call.
		 */
		priority: number;

		/**
		 * Its lane. Setting it moves a call that waits behind those of its priority there, and has no effect on any other call.
		 *
		 * @throws {InvalidArgError} (when it is set) The call could never run there, by its `weight`. It stays where it is.
		 * @throws {DeadlockError} (when it is set) The same, with `nested: 'detect'`.
		 */
		lane: LaneName;

		/**
		 * Takes the call out of the queue, or aborts its signal. It rejects at once. If it runs, it has its slot until its
		 * function has ended.
		 *
		 * @param reason - What the call rejects with. Default: an `AbortError`.
		 * @returns Whether the call was not settled.
		 */
		cancel(reason?: unknown): boolean;
	}

	/** Which calls `limit.calls` lists: those that have all that is given. */
	export interface CallFilter {
		readonly lane?: LaneName | null | undefined;
		readonly state?: 'waiting' | 'running' | null | undefined;
		readonly label?: string | null | undefined;
	}

	/** A call, or the items of a map that wait, in `limit.calls`. */
	export interface ListedCall {
		/** Of calls by `run`. */
		readonly id?: string | number | undefined;
		/** That of `with({label})`, or the name of its function. A call of another thread has none here. */
		readonly label?: string | undefined;
		readonly lane: LaneName;
		/** Of calls that wait, and of calls by `run`. */
		readonly priority?: number | undefined;
		/** The slots that it holds or asks for. */
		readonly weight: number;
		/** How many calls it stands for: more than 1 for items of a map that wait. */
		readonly units: number;
		/** `'running'` if it has a slot. */
		readonly state: 'waiting' | 'running';
		/**
		 * For how long it has run or waited, in milliseconds. Of a burst not all arrivals are timed: such a call is as old as
		 * the one before it. Left out if it is not known.
		 */
		readonly age?: number | undefined;
	}

	/** What comes of a call to a lane in which `maxQueue` calls wait; see {@link LimitOptions.overflow}. */
	export type Overflow = 'reject' | 'wait' | 'drop-oldest' | 'drop-lowest';

	/**
	 * The options of a limit. Those of {@link TaskOptions} are the defaults of its calls: `pLimit({...options, timeout: 5000})`
	 * is `pLimit(options).with({timeout: 5000})`. Where a limit is shared by `name`, they belong to the limit that this call
	 * returns, and not to the others of that name.
	 */
	export interface LimitOptions extends TaskOptions {
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
		readonly rate?: RateOptions | QuotaOptions | null | undefined;

		/**
		 * Whether the promises of calls dropped by `clearQueue` reject with an `AbortError` instead of staying pending.
		 *
		 * @default false
		 */
		readonly rejectOnClear?: boolean | undefined;

		/**
		 * Slots that offline calls never take.
		 *
		 * - `'auto'`: as many as online calls need, so that 99 of 100 wait for a slot for at most 5 ms, but no more than half
		 *   of the slots. None before the first online call, and when none has come for 30 seconds; else at least one, if
		 *   there are two.
		 * - `{wait: 5}`: the same, for at most so many milliseconds, and as many as all slots but one.
		 * - A number: always so many; a whole number from 0 to below `concurrency`, or below the `min` of an adaptive one.
		 *
		 * @default 'auto'
		 */
		readonly reserve?: number | 'auto' | ReserveOptions | null | undefined;

		/**
		 * The part of all starts that goes to offline at the least while it waits and may run, from 0 (online always
		 * first) to 1.
		 *
		 * @default 1/16
		 */
		readonly offlineShare?: number | null | undefined;

		/**
		 * How many calls may wait in each lane, or in one of them: a whole number from 0. A full lane says nothing about
		 * the other one.
		 *
		 * @default Infinity
		 */
		readonly maxQueue?:
			| number
			| {readonly online?: number | null | undefined; readonly offline?: number | null | undefined}
			| null
			| undefined;

		/**
		 * What comes of a call to a full lane.
		 *
		 * - `'reject'`: it rejects with a `QueueFullError`.
		 * - `'wait'`: it is let in, as everybody is expected to `await lane.ready()` before.
		 * - `'drop-oldest'`: it is let in, and the call of that lane that came first rejects with a `DroppedError`.
		 * - `'drop-lowest'`: the call of that lane that would start last rejects with a `DroppedError`: the newest of the
		 *   lowest priority, which may be the call that has just come.
		 *
		 * A map waits as one call, and is dropped with all its items that wait. A call or map that alone is more than
		 * `maxQueue` gets a `QueueFullError`. Items of streams wait for room and drop no call.
		 *
		 * @default 'reject'
		 */
		readonly overflow?: Overflow | null | undefined;

		/**
		 * All limits of one name in the process, of whatever worker thread, are one: slots, lanes, rate, pauses and figures
		 * are those of all together. The first to name it makes it. Who comes later joins it, and may give options or
		 * leave them out (see {@link JoinOptions}), but not give other ones. The name is free again when nobody has the
		 * limit any more, or it was drained and nothing runs or waits in it. The limit's errors begin with it.
		 *
		 * @default none: the limit is its maker's own
		 */
		readonly name?: string | null | undefined;

		/**
		 * What comes of calls made inside tasks of the same limit. `'lend'`: a task lends its slot to its inner calls, one at a
		 * time, and the others queue as all calls do; what works never exceeds the concurrency, and `activeCount` also counts
		 * the tasks that wait (`docs/guide/nested.md`). `'detect'`: one that could never run, because all slots are held by tasks that made such
		 * calls, is refused with a `DeadlockError`. Not given: they are calls like any other. Either costs every call an
		 * `AsyncLocalStorage.run`.
		 */
		readonly nested?: 'lend' | 'detect' | null | undefined;
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

	/** A concurrency that is found by how calls fare; see `docs/guide/adaptive.md`. */
	export interface AdaptiveOptions {
		/**
		 * The fewest slots that it goes down to: a whole number from 1 to `max`, above a `reserve` that is given.
		 *
		 * @default 1
		 */
		readonly min?: number | null | undefined;

		/**
		 * The most slots that it goes up to: a whole number from `min`.
		 *
		 * @default 200
		 */
		readonly max?: number | null | undefined;

		/**
		 * Slots at the start: a whole number from `min` to `max`.
		 *
		 * @default 20, or the bound that is nearest to it
		 */
		readonly initial?: number | null | undefined;

		/**
		 * What it goes by. `'latency'`: how much longer calls take than they would alone, and overload. `'gradient'`: how
		 * much longer they take than on average, and overload. `'aimd'`: overload alone.
		 *
		 * @default 'latency'
		 */
		readonly algorithm?: 'latency' | 'gradient' | 'aimd' | null | undefined;

		/**
		 * Whether the error that a call, or an attempt that `retry` follows with another one, has thrown or rejected with
		 * says that what it uses has too much to do. A function that throws has said no. Of a limit shared by `name` each
		 * thread asks its own: the last that was given there, by whoever named it, for all of the thread's calls. Who
		 * joins may give it without the other options. It runs in the async context of the call that has failed.
		 *
		 * @default HTTP 429 and 503, timeouts, and refused or reset connections; `docs/guide/adaptive.md` has the list
		 */
		// biome-ignore lint/suspicious/noExplicitAny: as in a `catch` of JavaScript
		readonly isOverload?: ((error: any) => boolean) | null | undefined;
	}

	/** What a `reserve` that is found has to keep. */
	export interface ReserveOptions {
		/**
		 * The wait for a slot that is promised to 99 of 100 online calls, in milliseconds: from 0.000001 to 2147483647. Where no
		 * reserve can keep it, as many slots as there are but one are kept.
		 */
		readonly wait: number;
	}

	/**
	 * How much may start in a time (GCRA; see `docs/guide/rates.md`). In any `interval` whatsoever, not only from one border to
	 * the next, calls that cost at most `limit + burst` together get their slots, of all threads that share the limit (with
	 * the most that one costs for `burst` if that is more). A call begins when the event loop of its thread comes to it:
	 * a thread that was busy begins together what it got meanwhile, `concurrency` calls at the most.
	 */
	export interface RateOptions {
		/** The cost that may start in an interval: a whole number from 1 to 2^53 - 1. */
		readonly limit: number;

		/**
		 * Milliseconds: a number from 0.000001, a nanosecond, to 2^31 - 1. `Infinity` makes a budget: what exceeds `limit` waits
		 * until a cost is given back (`charge`) or the rate is changed.
		 */
		readonly interval: number;

		/**
		 * The cost that may start at once after a time without any: a whole number from 1 to 2^53 - 1. With 1, calls of cost
		 * 1 start at least `interval / limit` apart. It can't be given with a `window`, or for a budget.
		 *
		 * @default 1
		 */
		readonly burst?: number | null | undefined;

		/**
		 * For servers that count windows. `'sliding'`: `limit` may start at once, and never more than `limit` in an interval,
		 * wherever it begins. Up to 1,024 different times of starts are exact; beyond, starts are late by at most 1/1024 of
		 * the interval. `'fixed'`: `limit` may start at once in each interval, and all of it is there again when the next one
		 * begins.
		 *
		 * @default a token bucket, which spreads starts over the interval
		 */
		readonly window?: 'sliding' | 'fixed' | null | undefined;

		/**
		 * Of `'fixed'` windows: they begin when `Date.now() - offset` is a multiple of `interval`. Milliseconds, any finite
		 * number. The time of day is read when the limit is made, and when the rate is set.
		 *
		 * @default 0
		 */
		readonly offset?: number | null | undefined;
	}

	/**
	 * Several rates by name, 1 to 8: a call starts when all of them have what it costs, and takes it from all together. Names
	 * are any strings but those of the options of a rate.
	 */
	export interface QuotaOptions {
		readonly [name: string]: RateOptions;
	}

	/** Costs by quota: whole numbers from 0 to 2^31 - 1; for `charge` also negative ones. */
	export interface QuotaCosts {
		readonly [name: string]: number | undefined;
	}

	/**
	 * What `pLimit.keyed` takes: the options of each key's limit, with the defaults of its calls, and those below. A default
	 * holds for the calls of the keys. Those of `total` hold for calls that are made on it; of these, its `weight` and
	 * `cost` are asked of it for the calls of the keys, too.
	 */
	export interface KeyedOptions<Key = unknown> extends Omit<LimitOptions, 'name'> {
		/**
		 * One cap over all keys: a concurrency, the options of a limit, or a limit that exists already. Every call takes a slot of its key's limit
		 * first and then one of this, in its own lane and with the same `priority`, `weight` and `cost`; one heavier than
		 * this may hold rejects with an `InvalidArgError`. `queueTimeout` is for either wait. What is cleared while it waits for
		 * this rejects with an `AbortError` in any case.
		 *
		 * A task of one key that awaits a call of another one may wait for ever, as it holds its slot of this meanwhile. `nested`
		 * in here has it lend that slot to such calls, or has them refused, as far as they have a slot of their key; see
		 * `docs/guide/rates.md`. A `nested` of the keys holds here, too, unless this has a `name` or one of its own.
		 *
		 * @default none
		 */
		readonly total?: number | LimitOptions | JoinOptions | Limit | null | undefined;

		/**
		 * Whether the keys whose calls wait for the `total` take turns there, in each lane: deficit round robin
		 * (Shreedhar and Varghese, 1996). Then a key with 10,000 calls does not delay one with 3. A call counts by its
		 * `weight`, or by its `cost` if the total has a rate and the cost is larger. A `priority` orders the calls of one key,
		 * and not those of several. Only with a `total`.
		 *
		 * Keys that are equal strings, numbers, bigints, booleans or registered symbols are one key in all threads that share
		 * the total by its `name`, and in all keyed limits that have it. Calls of the total itself are one more key. A total that
		 * has been made fair stays so.
		 *
		 * @default false
		 */
		readonly fair?: boolean | null | undefined;

		/**
		 * How much of the total a key gets beside the others, while their calls wait for it, too: from 0.000001 to 1,000,000. A
		 * key of share 2 starts twice as much as one of share 1. It is asked for once, when the limit of the key is made. Only
		 * with `fair`.
		 *
		 * @default 1 for each key
		 */
		readonly share?: ((key: Key) => number) | null | undefined;

		/**
		 * The options of a key's limit, on top of those for all keys. It is asked for once, when the limit of the key is
		 * made; what it throws, and errors in what it returns, come from the call that asked for the limit.
		 *
		 * @default the same options for all keys
		 */
		readonly options?: ((key: Key) => KeyOptions | null | undefined) | null | undefined;

		/**
		 * Milliseconds after which a key's limit that was not asked for, and in which nothing runs or waits, is dropped: from
		 * 1 to 2^31 - 1, or `Infinity` for never. It is looked for at such intervals, so it may take twice as long; and
		 * longer while it is paused or its rate has not recovered. A new limit is made when the key is asked for again, or
		 * the same one given if somebody has kept it.
		 *
		 * @default 60_000
		 */
		readonly idleTimeout?: number | null | undefined;
	}

	/** The options of one key's limit, on top of those for all keys. */
	export type KeyOptions = Omit<Partial<LimitOptions>, 'name'>;

	/** Options of keyed limits with a total. */
	export interface WithTotal {
		readonly total: number | LimitOptions | JoinOptions | Limit;
	}

	/**
	 * A limit for each key. As a `Map` it lists the limits that are kept. What is done with all keys is done with the limits
	 * that were dropped as well, as long as a caller or a call still holds them.
	 */
	export interface KeyedLimits<
		Key = unknown,
		Total extends Limit | undefined = Limit | undefined,
		Of extends Limit | ContextLimit = Limit,
	> extends Disposes {
		/** The limit of a key: the one that is kept, or a new one. Keys are compared as those of a `Map`. */
		(key: Key): Of;

		/** How many limits are kept now. */
		readonly size: number;

		/** The limits that are kept now, by key. To be in here is no use: a limit that is idle is dropped all the same. */
		entries(): IterableIterator<[Key, Of]>;
		[Symbol.iterator](): IterableIterator<[Key, Of]>;
		/** The keys of which limits are kept now. */
		keys(): IterableIterator<Key>;
		/** The limits that are kept now. */
		values(): IterableIterator<Of>;
		/** Whether the limit of a key is kept now. That is no request of it. */
		has(key: Key): boolean;

		/**
		 * Drops the limit of a key now, as `idleTimeout` does later. Its calls go on. While a caller or a call still holds it, and until
		 * the engine has collected it, the key gets the same limit when it is asked for again.
		 *
		 * @returns Whether the limit was kept.
		 */
		delete(key: Key): boolean;

		/** The limit that `total` has made, or the one that was given. */
		readonly total: Total;

		/** How many calls of all keys hold a slot of their key: they run, or wait for the `total`. */
		readonly activeCount: number;
		/** How many calls of all keys wait for a slot of their key. */
		readonly pendingCount: number;

		/**
		 * Starts no calls of any key until `resume`, also not of keys that are asked for later. A total that `keyed` has made,
		 * and that has no `name`, is paused, too. Under another total, a call that waits for it starts.
		 */
		pause(): void;
		/** Ends all pauses: that of `pause`, and those of single keys. */
		resume(): void;
		/** Whether `pause` was called, and neither `resume` nor `drain` since. */
		readonly isPaused: boolean;

		/**
		 * Drops the calls that wait: for their key, and for a total that `keyed` has made and that has no `name`. They reject or
		 * stay pending as those of `limit.clearQueue()`.
		 */
		clearQueue(options?: ClearOptions): void;

		/** Resolves when fewer than `size` calls of all keys wait for their key. */
		onSizeLessThan(size: number): Promise<void>;
		/** Resolves when no call of any key waits for its key. */
		onEmpty(): Promise<void>;
		/** Resolves when no call of any key runs or waits. */
		onIdle(): Promise<void>;

		/**
		 * Refuses all calls of all keys from now on, also of keys that are asked for later, and resolves when none runs or
		 * waits, as `limit.drain()` does. It closes a total that `keyed` has made and that has no `name`.
		 *
		 * @returns What has not ended, of all keys together.
		 */
		drain(options?: DrainOptions): Promise<DrainReport>;

		/** The numbers of all keys together, at one moment. */
		stats(): KeyedStats<Total>;
	}

	/**
	 * The sums over all keys. What can't be added up is not here: durations, reserves, rates. Those of each key are in
	 * `limits(key).stats()`.
	 */
	export interface KeyedStats<Total extends Limit | undefined = Limit | undefined> {
		/** How many limits are kept. */
		readonly keys: number;
		readonly online: KeyedLaneStats;
		readonly offline: KeyedLaneStats;
		/** As in {@link LimitStats}. */
		readonly abandoned: number;
		/** The numbers of the `total`. */
		readonly total: Total extends Limit ? LimitStats : LimitStats | undefined;
	}

	/** The sums of one lane. Those that only grow include what limits had counted that were dropped since. */
	export type KeyedLaneStats = Pick<
		LaneStats,
		| 'active'
		| 'pending'
		| 'granted'
		| 'settled'
		| 'rejected'
		| 'refused'
		| 'cleared'
		| 'dropped'
		| 'aborted'
		| 'queueTimeouts'
		| 'timeouts'
		| 'retries'
	>;

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
	// biome-ignore lint/suspicious/noExplicitAny: so that functions of a key may use it as they are
	export function keyed<Key = any>(
		options: WithContext<KeyedOptions<Key>> & WithTotal,
	): KeyedLimits<Key, Limit, ContextLimit>;
	// biome-ignore lint/suspicious/noExplicitAny: as above
	export function keyed<Key = any>(
		options: WithContext<KeyedOptions<Key>>,
	): KeyedLimits<Key, Limit | undefined, ContextLimit>;
	// biome-ignore lint/suspicious/noExplicitAny: as above
	export function keyed<Key = any>(
		options: KeyedOptions<Key> & WithRate & WithTotal,
	): KeyedLimits<Key, Limit, Limit<LimitRate>>;
	// biome-ignore lint/suspicious/noExplicitAny: as above
	export function keyed<Key = any>(
		options: KeyedOptions<Key> & WithRate,
	): KeyedLimits<Key, Limit | undefined, Limit<LimitRate>>;
	// biome-ignore lint/suspicious/noExplicitAny: as above
	export function keyed<Key = any>(options: KeyedOptions<Key> & WithTotal): KeyedLimits<Key, Limit>;
	// biome-ignore lint/suspicious/noExplicitAny: as above
	export function keyed<Key = any>(options: KeyedOptions<Key>): KeyedLimits<Key, Limit | undefined>;

	export interface LimitStats {
		/** How many calls may run at once now. */
		readonly concurrency: number;
		readonly online: LaneStats;
		readonly offline: LaneStats;
		readonly reserve: ReserveStats;
		/** Functions of this thread that still run although their slots were given away (`releaseSlot`). */
		readonly abandoned: number;
		/** Of a limit whose concurrency is an object, also after it was fixed by hand. */
		readonly adaptive?: AdaptiveStats | undefined;
		/** Of a limit with one `rate`. */
		readonly rate?: RateStats | undefined;
		/** Of a limit with quotas, by name. */
		readonly rates?: {readonly [name: string]: RateStats} | undefined;
	}

	/** The slots that offline calls can't take now, and why. */
	export interface ReserveStats {
		readonly slots: number;
		readonly reason: ReserveReason;
		/** The wait for a slot that is promised to 99 of 100 online calls, in milliseconds; not if `reserve` is a number. */
		readonly wait?: number | undefined;
		/** Online calls that would run at once on average, if none of them waited; 0 where it was not measured. */
		readonly load: number;
		/**
		 * How much more that number varies than it does for calls that come at random: 1 for those, more for bursts; 0 where it
		 * was not measured.
		 */
		readonly peakedness: number;
	}

	/**
	 * - `'fixed'`: it is the number that was given.
	 * - `'no offline work'`: no offline call has come yet, so nothing is measured.
	 * - `'no online work'`: no online call has come for 30 seconds, or ever.
	 * - `'online work'`: one slot, for online calls that come now and then.
	 * - `'online load'`: as many as the online load needs.
	 * - `'late units'`: more than that, because online calls have waited for too long.
	 */
	export type ReserveReason =
		| 'fixed'
		| 'no offline work'
		| 'no online work'
		| 'online work'
		| 'online load'
		| 'late units';

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
		/** Attempts that failed by overload, ever. */
		readonly overloads: number;
		/**
		 * The part of all attempts, from 0 to 1, whose overload is taken not to depend on the concurrency: no lower one
		 * would avoid it. 0.02 at first, from 0.005 to 0.1 later.
		 */
		readonly stray: number;
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
		| 'stray overloads'
		| 'after overload'
		| 'not in use'
		| 'fixed by hand'
		| (string & {});

	/** A rate in full, as {@link RateOptions} has it. */
	export interface LimitRate {
		readonly limit: number;
		/** Milliseconds; `Infinity` of a budget. */
		readonly interval: number;
		/** Of a token bucket. Windows and budgets have none. */
		readonly burst: number;
		/** Not of a token bucket. */
		readonly window?: 'sliding' | 'fixed' | undefined;
		/** Of `'fixed'` windows, if it is not 0: milliseconds, below `interval`. */
		readonly offset?: number | undefined;
	}

	/** A rate, and what it has left. */
	export interface RateStats extends Omit<LimitRate, 'burst' | 'offset'> {
		/** The most that may start at once: `burst`, or the `limit` of a window or a budget. */
		readonly burst: number;
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
		/**
		 * Calls that were refused: with `ERR_QUEUE_FULL`, `ERR_LIMIT_CLOSED` or `ERR_DEADLOCK`. A `map` that is refused counts
		 * with all its items; with a `timeout`, `queueTimeout` or `retry`, those that were let in before count as `cleared`. An
		 * item of a stream that waits for room instead does not count.
		 */
		readonly refused: number;
		/**
		 * Calls that were dropped from the queue: by `clearQueue` or a `drain`, as items behind a failed one
		 * (`stopOnError`), as items of a stream that is no longer read, or with the thread that had made them.
		 */
		readonly cleared: number;
		/** Calls that have left a full lane for others, or were not let in there (`overflow`). */
		readonly dropped: number;
		/** Calls that their signal has ended, while they waited or ran. Those that ran also settle, as their functions end. */
		readonly aborted: number;
		/** Calls that waited for longer than their `queueTimeout`. */
		readonly queueTimeouts: number;
		/** Calls that ran for longer than their `timeout`. They also count as `rejected`. */
		readonly timeouts: number;
		/** Attempts that followed a failed one (`retry`). */
		readonly retries: number;
		/** From the call until it got its slot, in milliseconds. */
		readonly wait: Quantiles;
		/** From the slot until the end of the work, in milliseconds. */
		readonly run: Quantiles;
		/**
		 * Milliseconds until the lane's pause for a time ends, by `pauseFor` or because a server asked for it; 0 without one.
		 */
		readonly pauseEndsIn: number;
		/**
		 * The part of `wait` that the rate alone has caused: how long a call was next, with a slot free and no pause, and
		 * only lacked tokens. Calls that never did are not among these. Of limits with a `rate` only.
		 */
		readonly rateWait?: Quantiles | undefined;
		/** The call that has run for the longest time. Only where one runs. */
		readonly oldest?: OldestCall | undefined;
	}

	/**
	 * All numbers of a limit at one moment, as plain data: those of {@link LimitStats}, with histograms in place of quantiles.
	 * In JSON, a `concurrency` of `Infinity` is `null`.
	 */
	export interface LimitSnapshot extends Omit<LimitStats, 'online' | 'offline'> {
		/** Of a limit that has one. */
		readonly name?: string | undefined;
		/** Milliseconds since 1970. */
		readonly time: number;
		readonly online: LaneSnapshot;
		readonly offline: LaneSnapshot;
		/**
		 * What happened since an earlier snapshot of the same limit, which may come from JSON. Not enumerable, so a clone does
		 * not have it; see {@link intervalBetween}. Throws `ERR_INVALID_ARG` if it can't be an earlier one.
		 */
		since(earlier: SnapshotData<LimitSnapshot>): LimitInterval;
	}

	/** A snapshot as JSON or a clone has it. */
	export type SnapshotData<Snapshot> = Omit<Snapshot, 'since'>;

	/** The numbers of a lane, with histograms. */
	export type LaneSnapshot<Stats = LaneStats> = {
		readonly [Name in keyof Stats]: Name extends 'wait' | 'run' | 'rateWait'
			? Histogram | Extract<Stats[Name], undefined>
			: Stats[Name];
	};

	/** Numbers of calls by duration. All of them only grow from one snapshot to the next. */
	export interface Histogram {
		/** The number of calls: of those that got a slot (`wait`), that have ended (`run`), that the rate delayed (`rateWait`). */
		readonly count: number;
		/** Milliseconds of all of them together, estimated where calls were not measured. */
		readonly sum: number;
		/** From short to long. Buckets without calls are left out. The counts add up to `count`. */
		readonly buckets: readonly HistogramBucket[];
	}

	export interface HistogramBucket {
		/**
		 * Milliseconds: one of {@link bucketBounds}. The bucket has the calls that took at most this long, and longer than the
		 * bound before it. The last bound also stands for all that is longer.
		 */
		readonly upTo: number;
		/** The calls of this bucket alone. */
		readonly count: number;
	}

	/** When an interval began and ended. */
	export interface Interval {
		/** Milliseconds since 1970. */
		readonly from: number;
		/** Milliseconds since 1970. */
		readonly to: number;
		/** Milliseconds. */
		readonly duration: number;
	}

	/** What is published of a call, once for the call: subscribers know it by this object. */
	export interface TracedCall {
		/** Counts the calls of this thread that were published. */
		readonly id: number;
		/** The limit. Not of a job of a pool. */
		readonly limit?: Limit | undefined;
		/** The name of the limit, if it has one. */
		readonly name?: string | undefined;
		/** The pool, of a job. */
		readonly pool?: Pool | undefined;
		readonly lane: LaneName;
		/** That of `with({label})`, or the name of the function. */
		readonly label?: string | undefined;
		/** The same call in the limit before this one, in a chain. */
		readonly outer?: TracedCall | undefined;
	}

	/**
	 * - `'fulfilled'`, `'rejected'`: its function has ended.
	 * - `'aborted'`: by its signal.
	 * - `'timeout'`: it ran for longer than its `timeout`. Its function may still run, as after an abort.
	 * - `'queueTimeout'`: it waited for longer than its `queueTimeout`.
	 * - `'cleared'`: it was dropped from the queue, or ran while its map or stream ended without it.
	 * - `'dropped'`: it has left a full lane for another call (`overflow`).
	 */
	export type SettledReason = 'fulfilled' | 'rejected' | 'aborted' | 'timeout' | 'queueTimeout' | 'cleared' | 'dropped';

	/** What limits and pools publish through `node:diagnostics_channel`; see `docs/guide/observability.md`. */
	export interface Messages {
		/** A call was let in. It waits, or is about to start. */
		readonly 'p-lanes:queued': {readonly call: TracedCall};
		/** Its function begins. `wait`: milliseconds since it was made. */
		readonly 'p-lanes:started': {readonly call: TracedCall; readonly wait: number};
		/** An attempt has failed, the one of this number, and another one follows after `delay` milliseconds. */
		readonly 'p-lanes:retried': {
			readonly call: TracedCall;
			readonly error: unknown;
			readonly attempt: number;
			readonly delay: number;
		};
		/** Its promise settles. `run` only if it has started; `error` unless it is `'fulfilled'`, or `'cleared'` without one. */
		readonly 'p-lanes:settled': {
			readonly call: TracedCall;
			readonly reason: SettledReason;
			readonly wait: number;
			readonly run?: number | undefined;
			readonly error?: unknown;
		};
		/** It was not let in. `items`: it is a map of that many. */
		readonly 'p-lanes:refused': {
			readonly call: TracedCall;
			readonly error: unknown;
			readonly items?: number | undefined;
		};
		/** A limit has changed. */
		readonly 'p-lanes:limit': {
			readonly limit: Limit;
			readonly name?: string | undefined;
			readonly change:
				| 'concurrency'
				| 'reserve'
				| 'rate'
				| 'maxQueue'
				| 'offlineShare'
				| 'paused'
				| 'resumed'
				| 'drained';
			/** With `'concurrency'`. */
			readonly concurrency?: number | undefined;
			/** Slots, with `'reserve'`. */
			readonly reserve?: number | undefined;
			/** With `'rate'`. */
			readonly rate?: LimitRate | undefined;
			/** With `'maxQueue'`. */
			readonly maxQueue?: {readonly online: number; readonly offline: number} | undefined;
			/** With `'offlineShare'`. */
			readonly offlineShare?: number | undefined;
			/** Milliseconds, with `'paused'` for a time. */
			readonly duration?: number | undefined;
		};
	}

	/** What happened in a limit between two snapshots. Numbers that do not only grow are those of the later one. */
	export interface LimitInterval extends Interval, Omit<LimitSnapshot, 'time' | 'online' | 'offline' | 'since'> {
		readonly online: LaneInterval;
		readonly offline: LaneInterval;
	}

	/** The numbers of a lane in an interval. `active`, `pending`, `pauseEndsIn` and `oldest` are those at its end. */
	export type LaneInterval<Stats = LaneStats> = {
		readonly [Name in keyof Stats]: Name extends 'wait' | 'run' | 'rateWait'
			? IntervalHistogram | Extract<Stats[Name], undefined>
			: Stats[Name];
	};

	/** Of the calls of an interval alone; all 0 while `count` is 0. Quantiles are off by less than a third, and mostly by much less. */
	export interface IntervalHistogram extends Histogram {
		/** Milliseconds on average. */
		readonly mean: number;
		/** Half of the calls took at most this long. */
		readonly p50: number;
		/** Nine of ten calls took at most this long. */
		readonly p90: number;
		/** Ninety-nine of a hundred calls took at most this long. */
		readonly p99: number;
	}

	/**
	 * What happened between two snapshots of one limit or pool, as `later.since(earlier)`, where both come from JSON or a
	 * clone. Throws `ERR_INVALID_ARG` if they can't be two of the same, in that order.
	 */
	export function intervalBetween(
		earlier: SnapshotData<LimitSnapshot>,
		later: SnapshotData<LimitSnapshot>,
	): LimitInterval;
	export function intervalBetween(earlier: SnapshotData<PoolSnapshot>, later: SnapshotData<PoolSnapshot>): PoolInterval;

	/**
	 * The upper bounds of the buckets of all histograms, in milliseconds, ascending: 0.01, 0.0125, 0.016, 0.02, 0.025, 0.0315,
	 * 0.04, 0.05, 0.063, 0.08, and the same times ten, and so on up to 100,000,000.
	 */
	export function bucketBounds(): number[];

	/** The call of a lane that has run for the longest time. */
	export interface OldestCall {
		/**
		 * Milliseconds since it got its slot. Of a call in a burst that was not timed, to within a millisecond; of such a call
		 * that came later, at least that long. `docs/guide/observability.md` says which calls are timed.
		 */
		readonly age: number;
		/** See {@link TaskOptions.label}. Not of a call of another thread. */
		readonly label?: string | undefined;
	}

	/** Milliseconds, to within 1 %; all 0 while `count` is 0. */
	export interface Quantiles {
		/** How many calls the figures stand for. In a burst, a measured call also stands for those right behind it. */
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

	/**
	 * An option or an argument that can't be used, or an option that is not known: the message then names the nearest
	 * known one. Nothing has changed when this is thrown.
	 */
	export class InvalidArgError extends TypeError {
		readonly code: 'ERR_INVALID_ARG';
	}

	/** The limit takes no more calls: it was drained. */
	export class LimitClosedError extends Error {
		readonly code: 'ERR_LIMIT_CLOSED';
	}

	/** A server asked to wait longer than `retry.maxRetryAfter`. `cause` is the error of the attempt. */
	export class RetryAfterError extends Error {
		readonly code: 'ERR_RETRY_AFTER';
		/** The wait that it asked for, in milliseconds. */
		readonly retryAfter: number;
	}

	/**
	 * Items of a map or stream have failed that runs all of them (`stopOnError: false`). It is an `AggregateError`: its
	 * `errors` are the reasons, in the order of the items.
	 */
	// biome-ignore lint/suspicious/noExplicitAny: `instanceof` does not tell
	export class ItemsFailedError<Item = any> extends Error {
		readonly code: 'ERR_ITEMS_FAILED';
		/** The reasons, and last the error of a limit or pool that was closed before the source had ended. */
		// biome-ignore lint/suspicious/noExplicitAny: as TypeScript types it
		readonly errors: any[];
		/** The items that failed, in their order. */
		readonly failures: ReadonlyArray<ItemFailure<Item>>;
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
	 * How long a server asks its caller to wait, in milliseconds, for `retry: {retryAfter}`. It reads the headers
	 * `retry-after-ms` (milliseconds) and `Retry-After` (RFC 9110: seconds or a date) of a fetch `Response`, of an error's
	 * `headers` or of its `response.headers`; then those of the error's `cause`, in the same places.
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

	/** The call has left a full lane, or was not let in there, for other calls (`overflow`). Its function does not run. */
	export class DroppedError extends Error {
		readonly code: 'ERR_DROPPED';
	}

	/** The task has run for its `timeout`. If an attempt has failed before (`retry`), `cause` is its error. */
	export class TaskTimeoutError extends Error {
		readonly code: 'ERR_TASK_TIMEOUT';
	}

	/** The worker thread ended while it ran the job, or could not be started; the message and `cause` tell why, if known. */
	export class WorkerCrashedError extends Error {
		readonly code: 'ERR_WORKER_CRASHED';
	}

	/** A task or a result can't be sent to another thread; the message names the place in it. */
	export class NotCloneableError extends Error {
		readonly code: 'ERR_NOT_CLONEABLE';
	}

	/**
	 * There is no native addon that loads here. Thrown by `require` and `import` where WebAssembly can't take its place, and by
	 * what needs the addon where it does. The message says why and what to do; `cause` is the first reason.
	 */
	export class NoBinaryError extends Error {
		readonly code: 'ERR_NO_BINARY';
	}

	/** `online`: someone waits for the answer. `offline`: batch work, done sooner rather than later. */
	export type LaneName = 'online' | 'offline';

	/** What a function in a worker gets beside its task. */
	export interface TaskContext {
		/** Aborted when the job's signal is, or when its `timeout` has passed. */
		readonly signal: AbortSignal;
	}

	/** The options of a pool. `null` stands for an option that is not given, except for `workerData`. */
	export interface PoolOptions {
		/**
		 * The module of the functions: a path, which may be relative to the working directory, or a URL. The extension may
		 * be left out, and it may be a folder, as for `require`.
		 */
		readonly filename?: string | URL | null | undefined;

		/**
		 * The exported function to call. The export may be a promise of the function, and then threads are ready when it
		 * has resolved.
		 *
		 * @default 'default'
		 */
		readonly name?: string | null | undefined;

		/**
		 * The file that the threads run, for a program that a bundler has put together: a path or a URL of a module that
		 * imports `p-lanes/worker`. `docs/guide/bundlers.md` has an example. Without it the pool takes the file of the
		 * package, and throws `ERR_INVALID_ARG` if the package is not installed where the program runs.
		 *
		 * @default the package's own file
		 */
		readonly worker?: string | URL | null | undefined;

		/**
		 * Threads that are kept when idle, from 0 to `maxThreads`. They are started at once where this is given, else when
		 * there is work for them.
		 *
		 * @default maxThreads
		 */
		readonly minThreads?: number | null | undefined;

		/**
		 * Threads at most, from 1 to 1024.
		 *
		 * @default os.availableParallelism()
		 */
		readonly maxThreads?: number | null | undefined;

		/**
		 * Milliseconds after which a thread beyond `minThreads` that has nothing to do ends; `Infinity` is never.
		 *
		 * @default 0
		 */
		readonly idleTimeout?: number | null | undefined;

		/**
		 * Milliseconds, from 1, that a thread may take until it is ready for jobs: to start, to import the pool's
		 * `filename`, for its `setup`, and until its exported promise resolves. `Infinity` is for ever. A thread that takes
		 * longer is terminated. Another one is started, and after three failures in a row the jobs that wait reject with
		 * `ERR_WORKER_CRASHED`, as after every failed start.
		 *
		 * @default 30_000
		 */
		readonly startTimeout?: number | null | undefined;

		/**
		 * Milliseconds, from 0, that `close()` waits for the jobs and for `teardown`. Then it does as `destroy()` does.
		 * `Infinity` is for ever. The `teardown` of a single thread has so much time, too; with `Infinity`, 30 seconds.
		 *
		 * @default Infinity
		 */
		readonly closeTimeout?: number | null | undefined;

		/**
		 * Jobs that may wait, beside those that all threads can run at once; a job more is refused with
		 * `ERR_QUEUE_FULL`. `'auto'` is the square of `maxThreads`.
		 *
		 * @default Infinity
		 */
		readonly maxQueue?: number | 'auto' | null | undefined;

		/**
		 * Jobs that one worker may have under way at a time; above 1 it is for functions that mostly wait.
		 *
		 * @default 1
		 */
		readonly concurrentTasksPerWorker?: number | null | undefined;

		/**
		 * Threads on top of `maxThreads`, which run online jobs only. Offline jobs can have all of `maxThreads`, and an
		 * online job finds a thread nevertheless. They are started only while the pool has offline jobs: with a whole
		 * number from 0 to 1024, as many; with `'auto'`, as many as there are online jobs, at most half of `maxThreads`
		 * (rounded up), and one of them beforehand if the pool has ever had an online job.
		 *
		 * @default 'auto'
		 */
		readonly reserve?: number | 'auto' | null | undefined;

		/**
		 * By how much the nice value of a thread rises for offline jobs, from 0 (not at all) to 19: the system then gives
		 * a core that both want to an online job. Only on Linux. A process without `CAP_SYS_NICE` can't take it back, so
		 * there a thread that has run an offline job keeps its nice value for all its later jobs. The threads of the
		 * `reserve`, which have run none, come first for online jobs.
		 *
		 * @default 10
		 */
		readonly niceIncrement?: number | null | undefined;

		/**
		 * The part of all jobs taken that are offline ones at the least while offline waits and may run, from 0 to 1.
		 *
		 * @default 1/16
		 */
		readonly offlineShare?: number | null | undefined;

		/**
		 * Milliseconds that a running job has to end by itself once it was aborted or its time is up. Then its worker
		 * takes no more jobs, and is replaced as soon as it runs no others.
		 *
		 * @default 1000
		 */
		readonly abortGrace?: number | null | undefined;

		/**
		 * A limit, or a lane of one, of which each job takes a slot while it runs: first the slot, then its place in the
		 * pool's queue. Of a limit it is the lane of the job. A task is copied, and what is transferred is gone, once the
		 * job has its slot.
		 *
		 * @default none
		 */
		readonly limit?: Lane | ContextLane | null | undefined;

		/** As for `new Worker`. */
		readonly resourceLimits?: {readonly [Name in keyof ResourceLimits]: number | null | undefined} | null | undefined;
		/** As for `new Worker`. */
		readonly env?: Environment | ShareEnv | null | undefined;
		/** As for `new Worker`. */
		readonly argv?: readonly unknown[] | null | undefined;
		/** As for `new Worker`: `['--import', file]` loads a loader, as `docs/guide/typescript.md` tells. */
		readonly execArgv?: readonly string[] | null | undefined;
		/** What workers see as `workerData`, a copy each. */
		readonly workerData?: unknown;
	}

	/**
	 * The options of `map`. `null` stands for an option that is not given, also in those of `run` and `stream`.
	 *
	 * An item fails if its task can't be sent, its function throws, its time is up, its result can't be sent or its worker
	 * crashes. Short tasks travel together: if one of them ends its worker, those before it fail, too, because their results
	 * are lost. No task is run twice. Outcomes and failures keep the tasks that they name.
	 *
	 * Whatever the items do, a map or stream rejects when its signal aborts, when its iterable throws, and when the pool is
	 * destroyed. A map also rejects when no worker can be started.
	 */
	export interface MapOptions extends ProgressOptions, FailureOptions {
		/** Another module than the pool's. */
		readonly filename?: string | URL | null | undefined;
		/** Another exported function than the pool's, also if the module is another one. */
		readonly name?: string | null | undefined;
		/** @default 'online' */
		readonly lane?: LaneName | null | undefined;
		/**
		 * Aborts the jobs: what waits is dropped at once, what runs is told by its own signal, also if it still runs when the
		 * map has rejected or the stream was left.
		 */
		readonly signal?: AbortSignalLike | null | undefined;
		/** Milliseconds that a task may run, from 1, counted from its start; then it is aborted with `ERR_TASK_TIMEOUT`. */
		readonly timeout?: number | null | undefined;
		/** Another limit than the pool's, or a lane of one, of which each job takes a slot while it runs. */
		readonly limit?: Lane | ContextLane | null | undefined;
	}

	export interface RunOptions extends Omit<MapOptions, keyof FailureOptions | keyof ProgressOptions> {
		/** Objects in the task that are handed over instead of copied; they are gone here as soon as `run` is called. */
		readonly transferList?: readonly Transferable[] | null | undefined;
	}

	export interface StreamOptions extends MapOptions {
		/**
		 * Whether results come in the order of the items, or as they are ready.
		 *
		 * @default true
		 */
		readonly ordered?: boolean | null | undefined;

		/**
		 * Items at most that were pulled from the source and not yet given out as results, from 1.
		 *
		 * @default 2 * maxThreads * concurrentTasksPerWorker
		 */
		readonly highWaterMark?: number | null | undefined;
	}

	/** The options that a pool goes by, with their defaults. */
	export interface PoolOptionsInForce {
		/** A path, or a URL if it says more than a path can. */
		readonly filename: string | undefined;
		readonly name: string;
		readonly minThreads: number;
		readonly maxThreads: number;
		readonly idleTimeout: number;
		readonly startTimeout: number;
		readonly closeTimeout: number;
		/** A number, also if `'auto'` was given. */
		readonly maxQueue: number;
		readonly concurrentTasksPerWorker: number;
		readonly reserve: number | 'auto';
		readonly niceIncrement: number;
		readonly offlineShare: number;
		readonly abortGrace: number;
		readonly limit: Lane | ContextLane | undefined;
		readonly resourceLimits: Readonly<ResourceLimits> | undefined;
		readonly env: Readonly<Environment> | ShareEnv | undefined;
		readonly argv: readonly string[] | undefined;
		readonly execArgv: readonly string[] | undefined;
		/** A copy of what each worker gets. */
		readonly workerData: unknown;
	}

	export interface PoolStats {
		/** Worker threads now. */
		readonly threads: number;
		/** The part of all the workers' time in which they ran jobs, from 0 to 1. */
		readonly utilization: number;
		readonly online: PoolLaneStats;
		readonly offline: PoolLaneStats;
	}

	/** The jobs of one lane of a pool: as calls are counted and timed in {@link LaneStats}. */
	export type PoolLaneStats = Pick<
		LaneStats,
		'active' | 'pending' | 'granted' | 'settled' | 'rejected' | 'wait' | 'run'
	>;

	/** All numbers of a pool at one moment, as plain data. */
	export interface PoolSnapshot extends Omit<PoolStats, 'online' | 'offline'> {
		/** Milliseconds since 1970. */
		readonly time: number;
		readonly online: LaneSnapshot<PoolLaneStats>;
		readonly offline: LaneSnapshot<PoolLaneStats>;
		/** What happened since an earlier snapshot of the same pool. */
		since(earlier: SnapshotData<PoolSnapshot>): PoolInterval;
	}

	/** What happened in a pool between two snapshots. */
	export interface PoolInterval extends Interval, Omit<PoolSnapshot, 'time' | 'online' | 'offline' | 'since'> {
		readonly online: LaneInterval<PoolLaneStats>;
		readonly offline: LaneInterval<PoolLaneStats>;
	}

	// biome-ignore lint/suspicious/noExplicitAny: a task of a pool whose functions are not known
	type AnyTask = any;

	type SettleOptions = Omit<MapOptions, keyof FailureOptions>;

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
		 * Runs a task for every item. Items are taken from the iterable as there is room for them. An async iterable is pulled
		 * as `stream` does by default.
		 *
		 * @returns The results in the order of the items. The first failure rejects it; what waits is dropped then, and
		 * what runs is let run. `stopOnError: false` and `settle` run all items.
		 */
		// biome-ignore lint/suspicious/noExplicitAny: as above
		map<Result = any>(
			iterable: Source<unknown>,
			options: Settling<MapOptions>,
		): Promise<Array<Outcome<AnyTask, Result>>>;
		// biome-ignore lint/suspicious/noExplicitAny: as above
		map<Result = any>(iterable: Source<unknown>, options?: MapOptions): Promise<Result[]>;

		/** `map` with `settle: true`: it never fails by an item, and gives an outcome for each. */
		// biome-ignore lint/suspicious/noExplicitAny: as above
		settle<Result = any>(iterable: Source<unknown>, options?: SettleOptions): Promise<Array<Outcome<AnyTask, Result>>>;

		/**
		 * Runs a task for every item of a source, which is pulled no faster than the results are taken. Leaving the loop,
		 * a failure and an abort end the source and drop what waits. With `stopOnError: false` and `settle` a failure of an
		 * item does not.
		 *
		 * A loop that is left, and a failure, wait until a `next()` of the source that is in flight and its `return()` have
		 * settled, as with an async generator; without end if they never settle. A `return()` that rejects is the error of
		 * a loop that has no other. An abort does not wait, and ends the wait with its reason; nor does the end of the pool.
		 *
		 * The source runs in the async context of this call, whoever reads the stream.
		 */
		// biome-ignore lint/suspicious/noExplicitAny: as above
		stream<Result = any>(
			source: Source<unknown>,
			options: Settling<StreamOptions>,
		): ResultsToLeave<Outcome<AnyTask, Result>>;
		// biome-ignore lint/suspicious/noExplicitAny: as above
		stream<Result = any>(source: Source<unknown>, options?: StreamOptions): ResultsToLeave<Result>;
	}

	type AnyFunction = (...args: never) => unknown;

	/** The functions among exports, or among properties of the default export, by name. An export may be a promise. */
	type FunctionsAmong<Exports> = Exports extends readonly unknown[]
		? Record<never, never>
		: Exports extends object
			? {
					[Name in keyof Exports as [Extract<Awaited<Exports[Name]>, AnyFunction>] extends [never]
						? never
						: Name & string]: Extract<Awaited<Exports[Name]>, AnyFunction>;
				}
			: Record<never, never>;

	/** What a module exports as `default`; all of it, if it is a CommonJS module. */
	type DefaultExport<Module> = Module extends {readonly default: infer Default} ? Awaited<Default> : Module;

	type DefaultFunction<Module> =
		DefaultExport<Module> extends AnyFunction ? {default: DefaultExport<Module>} : Record<never, never>;

	/** The functions of a module that `name` finds. An export of the module goes before a property of its default. */
	type ModuleFunctions<Module> = FunctionsAmong<Module> &
		Omit<FunctionsAmong<DefaultExport<Module>> & DefaultFunction<Module>, keyof FunctionsAmong<Module>>;

	/** The names of the functions that a module exports. */
	export type FunctionName<Module> = keyof ModuleFunctions<Module> & string;

	type FunctionOf<Module, Name> = Name extends keyof ModuleFunctions<Module> ? ModuleFunctions<Module>[Name] : never;

	type TaskOfFunction<Fn> = Fn extends (...args: infer Arguments) => unknown
		? Arguments extends readonly []
			? unknown
			: Arguments[0]
		: never;

	/** What a function of a module takes; anything, if it has no parameter. */
	export type TaskOf<Module, Name = 'default'> = TaskOfFunction<FunctionOf<Module, Name>>;

	type ResultOfFunction<Fn> = Fn extends (...args: never) => infer Result ? Awaited<Result> : never;

	/** What a function of a module gives, after its promise. */
	export type ResultOf<Module, Name = 'default'> = ResultOfFunction<FunctionOf<Module, Name>>;

	/** Options that leave the function to the pool. */
	type Unnamed<Options> = Options & {readonly filename?: null | undefined; readonly name?: null | undefined};

	/** Options that name another function of the pool's module. */
	type Named<Options, Name> = Options & {readonly filename?: null | undefined; readonly name: Name};

	/** Options that name another module. */
	type Elsewhere<Options> = Options & {readonly filename: string | URL};

	/**
	 * The jobs of a pool whose `Module` is known: names, tasks and results are those of its functions. With another
	 * `filename` nothing is known. The methods are those of {@link PoolLane}.
	 */
	export interface TypedPoolLane<Module, Default extends string = 'default'> {
		run<Name extends FunctionName<Module>>(
			task: TaskOf<Module, Name>,
			options: Named<RunOptions, Name>,
		): Promise<ResultOf<Module, Name>>;
		run(
			...args: undefined extends TaskOf<Module, Default>
				? [task?: TaskOf<Module, Default>, options?: Unnamed<RunOptions>]
				: [task: TaskOf<Module, Default>, options?: Unnamed<RunOptions>]
		): Promise<ResultOf<Module, Default>>;
		// biome-ignore lint/suspicious/noExplicitAny: nobody but the caller knows what a function in another file gives
		run<Result = any>(task: unknown, options: Elsewhere<RunOptions>): Promise<Result>;

		map<Name extends FunctionName<Module>>(
			iterable: Source<TaskOf<Module, Name>>,
			options: Named<Settling<MapOptions>, Name>,
		): Promise<Array<Outcome<TaskOf<Module, Name>, Kept<ResultOf<Module, Name>>>>>;
		map<Name extends FunctionName<Module>>(
			iterable: Source<TaskOf<Module, Name>>,
			options: Named<MapOptions, Name>,
		): Promise<Array<Kept<ResultOf<Module, Name>>>>;
		map(
			iterable: Source<TaskOf<Module, Default>>,
			options: Unnamed<Settling<MapOptions>>,
		): Promise<Array<Outcome<TaskOf<Module, Default>, Kept<ResultOf<Module, Default>>>>>;
		map(
			iterable: Source<TaskOf<Module, Default>>,
			options?: Unnamed<MapOptions>,
		): Promise<Array<Kept<ResultOf<Module, Default>>>>;
		// biome-ignore lint/suspicious/noExplicitAny: as above
		map<Result = any>(
			iterable: Source<unknown>,
			options: Elsewhere<Settling<MapOptions>>,
		): Promise<Array<Outcome<AnyTask, Result>>>;
		// biome-ignore lint/suspicious/noExplicitAny: as above
		map<Result = any>(iterable: Source<unknown>, options: Elsewhere<MapOptions>): Promise<Result[]>;

		settle<Name extends FunctionName<Module>>(
			iterable: Source<TaskOf<Module, Name>>,
			options: Named<SettleOptions, Name>,
		): Promise<Array<Outcome<TaskOf<Module, Name>, Kept<ResultOf<Module, Name>>>>>;
		settle(
			iterable: Source<TaskOf<Module, Default>>,
			options?: Unnamed<SettleOptions>,
		): Promise<Array<Outcome<TaskOf<Module, Default>, Kept<ResultOf<Module, Default>>>>>;
		// biome-ignore lint/suspicious/noExplicitAny: as above
		settle<Result = any>(
			iterable: Source<unknown>,
			options: Elsewhere<SettleOptions>,
		): Promise<Array<Outcome<AnyTask, Result>>>;

		stream<Name extends FunctionName<Module>>(
			source: Source<TaskOf<Module, Name>>,
			options: Named<Settling<StreamOptions>, Name>,
		): ResultsToLeave<Outcome<TaskOf<Module, Name>, Kept<ResultOf<Module, Name>>>>;
		stream<Name extends FunctionName<Module>>(
			source: Source<TaskOf<Module, Name>>,
			options: Named<StreamOptions, Name>,
		): ResultsToLeave<Kept<ResultOf<Module, Name>>>;
		stream(
			source: Source<TaskOf<Module, Default>>,
			options: Unnamed<Settling<StreamOptions>>,
		): ResultsToLeave<Outcome<TaskOf<Module, Default>, Kept<ResultOf<Module, Default>>>>;
		stream(
			source: Source<TaskOf<Module, Default>>,
			options?: Unnamed<StreamOptions>,
		): ResultsToLeave<Kept<ResultOf<Module, Default>>>;
		// biome-ignore lint/suspicious/noExplicitAny: as above
		stream<Result = any>(
			source: Source<unknown>,
			options: Elsewhere<Settling<StreamOptions>>,
		): ResultsToLeave<Outcome<AnyTask, Result>>;
		// biome-ignore lint/suspicious/noExplicitAny: as above
		stream<Result = any>(source: Source<unknown>, options: Elsewhere<StreamOptions>): ResultsToLeave<Result>;
	}

	/** {@link TypedPoolLane} if the module is known, else {@link PoolLane}. */
	type LaneOf<Module, Name extends string> = 0 extends 1 & Module ? PoolLane : TypedPoolLane<Module, Name>;

	/** The arguments of `new Pool`. A pool whose type has a `name` is given it. */
	type PoolArguments<Module, Name extends string> = 0 extends 1 & Module
		? [options?: PoolOptions]
		: Name extends 'default'
			? [options?: PoolOptions & {readonly name?: 'default' | null | undefined}]
			: [options: PoolOptions & {readonly name: Name}];

	export interface PoolEvents {
		/** The queue has room again: all jobs that are there can run at once. Emitted once after each `needsDrain`. */
		drain: [];
		/** `needsDrain` has become true. */
		needsDrain: [];
		/** A worker failed while it ran no job that could tell of it, or in `teardown`. */
		error: [error: Error];
		/** A worker has called `parentPort.postMessage`. */
		message: [message: unknown];
		/** The pool was closed or destroyed, and all threads have ended. Comes once. */
		close: [];
		workerCreate: [worker: Worker];
		workerDestroy: [worker: Worker];
	}

	/**
	 * Runs the functions of a module in worker threads. Jobs wait in Rust, as bytes, until a worker has time for them:
	 * one that is idle takes what was queued behind a busy one.
	 *
	 * A pool that has no jobs does not keep the process alive.
	 *
	 * A listener runs in the async context in which it was added. A job begins in an empty one.
	 *
	 * @typeParam Module - The module of the functions, such as `typeof import('./worker.js')`. Then the names, tasks and
	 * results are checked. By default, anything may be run.
	 * @typeParam Name - The pool's option `name`, if it is given.
	 */
	// biome-ignore lint/suspicious/noExplicitAny: a module that is not known
	export class Pool<Module = any, Name extends string = 'default'> {
		/** Throws `ERR_INVALID_ARG`, before any thread is started. */
		constructor(...options: PoolArguments<Module, Name>);

		run: LaneOf<Module, Name>['run'];
		map: LaneOf<Module, Name>['map'];
		stream: LaneOf<Module, Name>['stream'];
		settle: LaneOf<Module, Name>['settle'];

		/** The same, always in the online lane. */
		readonly online: LaneOf<Module, Name>;
		/** The same, always in the offline lane. */
		readonly offline: LaneOf<Module, Name>;

		/** The options in force. Can't be changed. */
		readonly options: PoolOptionsInForce;

		/** The worker threads. */
		readonly threads: Worker[];
		/** Jobs that wait. */
		readonly queueSize: number;
		/** Jobs that have ended in a worker, well or badly. */
		readonly completed: number;
		/** The part of all the workers' time in which they ran jobs. */
		readonly utilization: number;
		/**
		 * Whether the queue is full. It is full when `maxQueue` jobs wait beside those that can run. With a `maxQueue` of
		 * `Infinity` it is full when as many wait as can run, `maxThreads * concurrentTasksPerWorker`: no job is refused
		 * then, but a producer that waits keeps all threads busy. Until all that are left can run at once, it stays full.
		 */
		readonly needsDrain: boolean;
		readonly minThreads: number;
		readonly maxThreads: number;

		/** The pool's numbers as they are now. Every job is timed. */
		stats(): PoolStats;
		/** The same numbers with histograms, as plain data; see {@link Limit.snapshot}. */
		snapshot(): PoolSnapshot;

		/**
		 * Lets no more jobs in, and ends the threads once all have run. Each thread runs `teardown` of the pool's
		 * `filename` before its end. After `closeTimeout` does as `destroy()` does.
		 *
		 * @param options.force - Rejects the jobs that wait with `ERR_POOL_CLOSED` instead of running them.
		 */
		close(options?: {readonly force?: boolean | null | undefined}): Promise<void>;

		/** Ends the threads at once, without `teardown`. All jobs reject with `ERR_POOL_CLOSED`. */
		destroy(): Promise<void>;
	}

	// biome-ignore lint/suspicious/noExplicitAny: as above
	export interface Pool<Module = any, Name extends string = 'default'> extends Emitter<PoolEvents>, Disposes {}

	/** Whether this thread is a worker of a `Pool`. */
	export const isWorkerThread: boolean;

	/** In a worker of a `Pool`, the `workerData` it was given; else undefined. */
	// biome-ignore lint/suspicious/noExplicitAny: as Node types it
	export const workerData: any;

	/**
	 * Marks a task, a result or any part of one as handed over instead of copied: its memory moves, and is gone here.
	 * Everything in the value that can be transferred is, and the rest is copied.
	 *
	 * A value of which something can't be transferred any more, or that is itself no object to transfer, rejects the job
	 * with `ERR_INVALID_ARG` and its place.
	 *
	 * @param value - An `ArrayBuffer`, a view of one, a `MessagePort`, a stream, or an object with such parts.
	 * @throws {InvalidArgError} If the value is no object.
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
	export type KernelInput = string | ArrayBufferView | ArrayBufferLike;

	export interface KernelOptions extends ProgressOptions {
		/** @default 'online' */
		readonly lane?: LaneName | null | undefined;
		/** Rejects the call at once. What no thread has begun is left undone. */
		readonly signal?: AbortSignalLike | null | undefined;
		/**
		 * A limit, or a lane of one, of which the call takes a slot before it is given to the threads and while it runs. Of a
		 * limit it is the lane that `lane` says.
		 *
		 * @default none
		 */
		readonly limit?: Lane | ContextLane | null | undefined;
	}

	export interface HashOptions extends KernelOptions {
		/** @default 'buffer' */
		readonly encoding?: 'buffer' | 'hex' | 'base64' | 'base64url' | null | undefined;
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
			paths: Iterable<string | URL | AnyBuffer>,
			options?: Options,
		): Promise<Array<HashOf<Options> | ErrnoException>>;
	};

	export interface CompressOptions extends KernelOptions {
		/** A whole number in the range of the format. */
		readonly level?: number | null | undefined;
	}

	export interface DecompressOptions extends KernelOptions {
		/**
		 * Bytes that may come out at most, from 0 to 2^32 - 1. What would give more is rejected with
		 * `ERR_OUTPUT_TOO_LARGE`, before the memory is taken.
		 *
		 * @default 1 GiB
		 */
		readonly maxOutputLength?: number | null | undefined;
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
	 * @param options.reserve - Threads on top of those, which run online calls only, from 0 to 1024; default 1.
	 * @throws {InvalidArgError} A number is out of its range, or a kernel was called before.
	 */
	export function configure(options: {
		readonly threads?: number | null | undefined;
		readonly reserve?: number | null | undefined;
	}): void;

	/**
	 * Gives a function a limit of its own.
	 *
	 * @param fn - The function to limit.
	 * @param options - As for `pLimit`.
	 * @returns A function like `fn` that runs at most so often at once, with the `clearQueue` of its limit.
	 */
	export function limitFunction<Arguments extends unknown[], ReturnType>(
		fn: (context: RunContext, ...args: Arguments) => PromiseLike<ReturnType> | ReturnType,
		options: WithContext<LimitOptions> | WithContext<JoinOptions>,
	): ((...args: Arguments) => Promise<ReturnType>) & Pick<Lane, 'clearQueue'>;
	export function limitFunction<Arguments extends unknown[], ReturnType>(
		fn: (...args: Arguments) => PromiseLike<ReturnType> | ReturnType,
		options: number | LimitOptions | JoinOptions,
	): ((...args: Arguments) => Promise<ReturnType>) & Pick<Lane, 'clearQueue'>;

	export type {ResultDuplex};
	export {pLimit, pLimit as default};
}

export = pLimit;
