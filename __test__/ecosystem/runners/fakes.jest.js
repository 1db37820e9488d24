// Jest's fake timers, which by default also replace `nextTick` and `queueMicrotask`: put in place, and taken away.

const assert = require('node:assert');

const pLimit = require('p-lanes');

const never = () => new Promise(() => {});
const codeOf = promise =>
	promise.then(
		() => 'resolved',
		error => error.code,
	);

afterEach(() => {
	jest.useRealTimers();
});

test('ready of a limit with a rate', async () => {
	jest.useFakeTimers();
	const limit = pLimit({concurrency: 1, rate: {limit: 10, interval: 10}});
	for (let call = 0; call < 5; call++) {
		await limit.ready();
		await limit(async () => {});
	}
});

test('a timeout, by the fake clock', async () => {
	jest.useFakeTimers();
	const timedOut = codeOf(pLimit(1).with({timeout: 3_600_000})(never));
	await jest.advanceTimersByTimeAsync(3_600_000);
	assert.equal(await timedOut, 'ERR_TASK_TIMEOUT');
});

test('waits of retry, by the fake clock', async () => {
	jest.useFakeTimers();
	let attempts = 0;
	const task = async () => {
		attempts++;
		if (attempts < 3) {
			throw new Error('again');
		}

		return attempts;
	};
	const retried = pLimit(1).with({retry: {retries: 2, minTimeout: 3_600_000}})(task);
	await jest.advanceTimersByTimeAsync(3 * 3_600_000);
	assert.equal(await retried, 3);
});

test('a timeout that is set under fake timers, and is due under real ones', async () => {
	jest.useFakeTimers();
	const limit = pLimit(1);
	const timedOut = codeOf(limit.with({timeout: 20})(never));
	const queued = codeOf(limit.with({queueTimeout: 20})(never));
	jest.useRealTimers();
	assert.equal(await queued, 'ERR_QUEUE_TIMEOUT');
	assert.equal(await timedOut, 'ERR_TASK_TIMEOUT');
	assert.equal(await codeOf(limit.with({queueTimeout: 20})(never)), 'ERR_QUEUE_TIMEOUT');
});

test('pauseFor under fake timers, and the return to real ones', async () => {
	jest.useFakeTimers();
	const limit = pLimit(1);
	limit.pauseFor(20);
	const call = limit(() => 'ran');
	jest.runAllTimers();
	jest.useRealTimers();
	assert.equal(await call, 'ran');
});
