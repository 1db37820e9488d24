// The manual clock in Vitest: alone, and with Vitest's fake timers.

import pLimit from 'p-lanes';
import {manualClock} from 'p-lanes/testing';
import {afterEach, expect, test, vi} from 'vitest';

const HOUR = 3_600_000;
const never = () => new Promise(() => {});
const codeOf = promise =>
	promise.then(
		() => 'resolved',
		error => error.code,
	);

let clock;

afterEach(() => {
	clock.restore();
	vi.useRealTimers();
});

test('rates, pauses, timeouts and retries', async () => {
	clock = manualClock();
	const times = [];
	const note = () => times.push(clock.now);
	const all = pLimit({concurrency: 9, rate: {limit: 2, interval: HOUR}}).map([1, 2, 3], note);
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
	await clock.advance(HOUR);
	await Promise.all([all, afterwards, retried]);
	expect(await timedOut).toBe('ERR_TASK_TIMEOUT');
	expect(times).toEqual([0, HOUR / 4, HOUR / 2, HOUR]);
});

test('an adaptive limit, and code that waits by the same clock', async () => {
	clock = manualClock({timers: true});
	const limit = pLimit({concurrency: {initial: 2, max: 10}});
	let isDone = false;
	const request = () => new Promise(resolve => setTimeout(resolve, 20));
	const all = limit.map(Array.from({length: 1000}), request).then(() => {
		isDone = true;
	});
	while (!isDone) {
		await clock.next();
	}

	await all;
	expect(limit.concurrency).toBeGreaterThan(2);
});

test("with Vitest's fake timers there are two clocks", async () => {
	vi.useFakeTimers();
	clock = manualClock();
	const timedOut = codeOf(pLimit(1).with({timeout: HOUR})(never));
	const fired = vi.fn();
	setTimeout(fired, HOUR);
	timedOut.then(fired);
	await clock.advance(HOUR - 1);
	await vi.advanceTimersByTimeAsync(HOUR - 1);
	expect(fired).toHaveBeenCalledTimes(0);
	await vi.advanceTimersByTimeAsync(1);
	expect(fired).toHaveBeenCalledTimes(1);
	await clock.advance(1);
	expect(fired).toHaveBeenCalledTimes(2);
	expect(await timedOut).toBe('ERR_TASK_TIMEOUT');
});
