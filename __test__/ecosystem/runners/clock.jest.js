// The manual clock in Jest: alone, with Jest's fake timers, and forgotten by an earlier file (`forgotten.jest.js`).

const pLimit = require('p-lanes');
const {manualClock} = require('p-lanes/testing');

const HOUR = 3_600_000;
const never = () => new Promise(() => {});
const codeOf = promise =>
	promise.then(
		() => 'resolved',
		error => error.code,
	);

/** Made before each clock, as by a module that the tests import. */
const early = pLimit({concurrency: 9, rate: {limit: 2, interval: HOUR}});

let clock;

afterEach(() => {
	clock?.restore();
	jest.useRealTimers();
});

test('limits go by real time though an earlier file has left its clock standing', async () => {
	const limit = pLimit({concurrency: 1, name: 'forgotten', rate: {limit: 1, interval: 5}});
	expect(await limit.map([1, 2, 3], item => item)).toEqual([1, 2, 3]);
	expect(await codeOf(pLimit(1).with({timeout: 5})(never))).toBe('ERR_TASK_TIMEOUT');
});

test('rates, pauses, timeouts and retries', async () => {
	clock = manualClock();
	const times = [];
	const note = () => times.push(clock.now);
	const all = early.map([1, 2, 3], note);
	const timedOut = codeOf(pLimit(1).with({timeout: HOUR})(never));
	const paused = pLimit(1);
	paused.pauseFor(HOUR / 4);
	const afterwards = paused(note);
	let attempts = 0;
	const retried = pLimit(1).with({retry: {minTimeout: HOUR / 8}})(async () => {
		attempts++;
		if (attempts === 1) {
			throw new Error('again');
		}
	});
	await clock.advance(2 * HOUR);
	await Promise.all([all, afterwards, retried]);
	expect(await timedOut).toBe('ERR_TASK_TIMEOUT');
	expect(times.map(time => Math.round(time))).toEqual([0, HOUR / 4, HOUR / 2, HOUR]);
});

test('keyed limits, and code that waits by the same clock', async () => {
	clock = manualClock({timers: true});
	const limits = pLimit.keyed({concurrency: 1, idleTimeout: HOUR});
	const slept = limits('key')(() => new Promise(resolve => setTimeout(resolve, 100, 'slept')));
	await clock.advance(100);
	expect(await slept).toBe('slept');
	await clock.advance(3 * HOUR);
	expect(limits.size).toBe(0);
});

test("with Jest's fake timers there are two clocks", async () => {
	jest.useFakeTimers();
	clock = manualClock();
	const timedOut = codeOf(pLimit(1).with({timeout: HOUR})(never));
	const fired = jest.fn();
	setTimeout(fired, HOUR);
	timedOut.then(fired);
	await clock.advance(HOUR - 1);
	await jest.advanceTimersByTimeAsync(HOUR - 1);
	expect(fired).toHaveBeenCalledTimes(0);
	await jest.advanceTimersByTimeAsync(1);
	expect(fired).toHaveBeenCalledTimes(1);
	await clock.advance(1);
	expect(fired).toHaveBeenCalledTimes(2);
	expect(await timedOut).toBe('ERR_TASK_TIMEOUT');
});

test('real time goes on when it is restored', async () => {
	clock = manualClock();
	await clock.advance(HOUR);
	clock.restore();
	const limit = pLimit({concurrency: 1, rate: {limit: 1, interval: 5}});
	expect(await limit.map([1, 2, 3], item => item)).toEqual([1, 2, 3]);
});
