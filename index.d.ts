/**
 * Limits how many promise-returning functions run at once: a drop-in for p-limit, with a lane of its own for
 * batch work.
 *
 * @param options - How many may run at once, or an object of options.
 * @returns A function that queues calls. It is the online lane; `limit.offline` is the other.
 * @throws {TypeError} `concurrency` is not a whole number from 1 or `Infinity`, or `rejectOnClear` is no boolean.
 * @throws {InvalidArgError} `reserve` or `offlineShare` is out of its range.
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
declare function pLimit(options: number | pLimit.LimitOptions): pLimit.Limit;

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
		 * How many calls of the whole limit, both lanes together, may run at once: a whole number from 1, or
		 * `Infinity`.
		 *
		 * Raising it starts waiting calls in a microtask; lowering it interrupts nothing.
		 *
		 * @throws {TypeError} The number is not one of these; the old one stays.
		 * @throws {InvalidArgError} The number is not above a `reserve` that was asked for; the old one stays.
		 */
		concurrency: number;

		/**
		 * Drops the calls of this lane that wait. On a limit: of both lanes. What runs goes on.
		 *
		 * Their promises stay pending, or with `rejectOnClear` reject with an `AbortError`, one for all of them.
		 */
		clearQueue(): void;

		/**
		 * Calls `mapper` for every item, as one entry of the queue that keeps its place there.
		 *
		 * All items are taken from the iterable at once. Where that throws, the promise rejects with what was thrown,
		 * and the items taken before still run.
		 *
		 * @param iterable - Items, which may be promises; they are not awaited. Array-likes do as well.
		 * @param mapper - Gets an item and its index.
		 * @returns The results in the order of the items. The first failure rejects it; the other items go on.
		 */
		map<Input, ReturnType>(
			iterable: Iterable<Input>,
			mapper: (item: Input, index: number) => PromiseLike<ReturnType> | ReturnType,
		): Promise<ReturnType[]>;
	}

	/** A limit: callable as its online lane, with both lanes counted and cleared together. */
	export interface Limit extends Lane {
		/** Someone waits for the answer: granted before anything offline. `limit(...)` goes here. */
		readonly online: Lane;

		/** Batch work: takes every slot that is free, but for the `reserve`. */
		readonly offline: Lane;

		/** The limit's numbers as they are now. Always on; see `docs/stats.md` for what that costs. */
		stats(): LimitStats;
	}

	export interface LimitOptions {
		/** How many calls, of both lanes together, may run at once: a whole number from 1, or `Infinity`. */
		readonly concurrency: number;

		/**
		 * Whether the promises of calls dropped by `clearQueue` reject with an `AbortError` instead of staying pending.
		 *
		 * @default false
		 */
		readonly rejectOnClear?: boolean | undefined;

		/**
		 * Slots that offline calls never take: a whole number from 0 to below `concurrency`.
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
	}

	export interface LimitStats {
		/** How many calls may run at once. */
		readonly concurrency: number;
		readonly online: LaneStats;
		readonly offline: LaneStats;
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

	/**
	 * Gives a function a limit of its own.
	 *
	 * @param fn - The function to limit.
	 * @param options - As for `pLimit`.
	 * @returns A function like `fn` that runs at most so often at once, with the `clearQueue` of its limit.
	 */
	export function limitFunction<Arguments extends unknown[], ReturnType>(
		fn: (...args: Arguments) => PromiseLike<ReturnType> | ReturnType,
		options: number | LimitOptions,
	): ((...args: Arguments) => Promise<ReturnType>) & Pick<Lane, 'clearQueue'>;

	export {pLimit, pLimit as default};
}

export = pLimit;
