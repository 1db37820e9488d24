export interface ManualClockOptions {
	/**
	 * What the date is for limits when the clock is put in place: a `Date`, or milliseconds since 1970. Dates that servers
	 * send in `Retry-After` are compared with it, and fixed windows of a rate begin by it.
	 *
	 * @default the date of the system
	 */
	readonly date?: Date | number | null | undefined;

	/**
	 * Whether the global `setTimeout`, `setInterval`, `clearTimeout` and `clearInterval` go by the clock, too, so that the
	 * functions under test can wait by it. What they wait for when the clock is restored never comes. Leave this out if
	 * your test runner fakes them.
	 *
	 * @default false
	 */
	readonly timers?: boolean | null | undefined;
}

/** A clock that a test moves on. Made by {@link manualClock}. */
export interface ManualClock extends Restores {
	/** Milliseconds that have passed on this clock: 0 at first. */
	readonly now: number;

	/** What the date is by this clock. */
	readonly date: Date;

	/**
	 * How many timers wait for this clock that would keep a process alive: those of calls that wait or run, and with the
	 * option `timers` also the global ones. The sweeps of keyed limits and `onProgress` are not among them, nor are calls
	 * that wait for a rate.
	 */
	readonly timerCount: number;

	/**
	 * Goes on by `ms` milliseconds, from 0. All that waits for a time until then happens, in the order of its times. Before
	 * the first and after each of them two turns of the event loop pass: promises settle, and calls begin.
	 *
	 * Calls of `advance` and `next` follow each other. An error that a timer's function throws rejects the promise.
	 *
	 * @throws {InvalidArgError} `ms` is no number of milliseconds.
	 * @throws {Error} With the code `ERR_CLOCK_RESTORED`: the clock was restored.
	 */
	advance(ms: number): Promise<void>;

	/**
	 * Goes on to the next time that something waits for, as `advance` does. A limit may only look after itself then: drop
	 * the limits of idle keys, for example. Resolves to the number of milliseconds that have passed; to `undefined` if
	 * nothing waits for a time.
	 *
	 * @throws {Error} With the code `ERR_CLOCK_RESTORED`: the clock was restored.
	 */
	next(): Promise<number | undefined>;

	/**
	 * Goes on by `ms` milliseconds at once, as time does while the event loop is blocked: no timer fires. What is due by
	 * then happens at the next `advance` or `next`, also at `advance(0)`.
	 *
	 * @throws {InvalidArgError} `ms` is no number of milliseconds.
	 * @throws {Error} With the code `ERR_CLOCK_RESTORED`: the clock was restored.
	 */
	jump(ms: number): void;

	/**
	 * Puts the system's clock back. For limits, time goes on from where it stands: what still waits does so for the rest of
	 * its time. A second call has no effect.
	 */
	restore(): void;
}

/** `[Symbol.dispose]`, in programs that have that symbol. */
type Restores = {
	/** The same as `restore`, for `using`. */
	[Symbol in SymbolConstructor['dispose' & keyof SymbolConstructor]]: () => void;
};

/**
 * Puts a clock in the place of the system's, for all limits of this thread, also for those that were made before. From
 * then on, time passes for them only when the test says so: for rates, pauses, `timeout` and `queueTimeout`, the waits of
 * `retry`, adaptive concurrency, `idleTimeout` of keyed limits, `onProgress`, and the times in `stats()`. A limit with a
 * `name` goes by the clock of the thread that has made it. A clock that is there already is restored first.
 *
 * The fake timers of a test runner neither move this clock on, nor count for limits while it is there.
 *
 * @example
 * const clock = manualClock();
 * const limit = pLimit({concurrency: 10, rate: {limit: 1, interval: 1000}});
 * const calls = limit.map([1, 2, 3], item => item);
 * await clock.advance(2000);
 * await calls; // took no time
 * clock.restore();
 *
 * @throws {InvalidArgError} An option can't be used.
 */
export function manualClock(options?: ManualClockOptions): ManualClock;
