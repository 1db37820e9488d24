'use strict';

// `manualClock` of `p-lanes/testing`: what goes by it, in which order, and what is left when it is gone. The other specs
// use it wherever time matters.

const assert = require('node:assert/strict');
const {afterEach, describe, test} = require('node:test');
const {setTimeout: sleep} = require('node:timers/promises');
const pLimit = require('p-lanes');
const {manualClock} = require('p-lanes/testing');
const {deferred, later, outcomeOf, turns} = require('../flow/helpers.js');
const {hasThreads} = require('../threads.js');

const HOUR = 3_600_000;

const hang = () => new Promise(() => {});

/** The clock of the test. */
let clock;

afterEach(() => {
	clock?.restore();
	clock = undefined;
});

describe('where nothing waits', () => {
	test('`next` does nothing', async () => {
		clock = manualClock();
		await pLimit(1)(() => {});
		assert.equal(await clock.next(), undefined);
		assert.equal(clock.now, 0);
	});
});

let names = 0;

/** What waits for an hour: makes its limit, and returns a function that begins to wait and returns a promise of the end. */
const waits = {
	timeout: limit => () => limit.with({timeout: HOUR})(hang),
	queueTimeout: limit => () => {
		limit.concurrency = 1;
		limit(hang);
		return limit.with({queueTimeout: HOUR})(hang);
	},
	retry: limit => () => {
		let attempts = 0;
		return limit.with({retry: {minTimeout: HOUR}})(() => {
			if (attempts++ === 0) {
				throw new Error('again');
			}
		});
	},
	retryAfter: limit => () => {
		let attempts = 0;
		const retry = {minTimeout: 0, retryAfter: () => HOUR, maxRetryAfter: HOUR};
		return limit.with({retry})(() => {
			if (attempts++ === 0) {
				throw new Error('again');
			}
		});
	},
	pauseFor: limit => () => {
		limit.pauseFor(HOUR);
		return limit(() => {});
	},
	'a drain': limit => () => {
		limit(hang);
		return limit.drain({timeout: HOUR});
	},
	'ready after a pause': limit => () => {
		limit.pauseFor(HOUR);
		limit(() => {}); // the queue is full
		return limit.ready();
	},
};

const makes = {
	'a limit': options => pLimit({concurrency: 4, maxQueue: 1, ...options}),
	'a key with a total': options => pLimit.keyed({concurrency: 4, maxQueue: 1, total: 4, ...options})('key'),
	'an adaptive limit': options => pLimit({maxQueue: 1, ...options, concurrency: {initial: 4}}),
	'a limit with a rate': options => pLimit({concurrency: 4, maxQueue: 1, rate: {limit: 1000, interval: 1}, ...options}),
	...(hasThreads && {
		'a limit with a name': options => pLimit({concurrency: 4, maxQueue: 1, name: `testing ${names++}`, ...options}),
	}),
};

for (const [kind, make] of Object.entries(makes)) {
	describe(kind, () => {
		for (const [what, prepare] of Object.entries(waits)) {
			if (what === 'queueTimeout' && kind === 'an adaptive limit') {
				continue; // its concurrency is found
			}

			/** Ends neither before its time nor behind it. */
			const assertEnds = async waiting => {
				const ended = later(waiting).then(
					() => clock.now,
					() => clock.now,
				);
				const rest = HOUR - clock.now;
				await clock.advance(rest - 2);
				assert.equal(await outcomeOf(ended), 'pending');
				await clock.advance(3); // deadlines count whole milliseconds, and what waited before has begun at any part of one
				const at = await outcomeOf(ended);
				assert.ok(at > HOUR - 2 && at <= HOUR + 1, `${at}`);
			};

			test(`${what}: the limit was made under the clock`, async () => {
				clock = manualClock();
				const wait = prepare(make());
				const ended = later(wait()).then(
					() => clock.now,
					() => clock.now,
				);
				await clock.advance(HOUR - 1);
				assert.equal(await outcomeOf(ended), 'pending');
				await clock.advance(1);
				assert.equal(await outcomeOf(ended), HOUR);
			});

			test(`${what}: the limit was made before`, async () => {
				const wait = prepare(make());
				clock = manualClock();
				await assertEnds(wait());
			});

			test(`${what}: it has waited before the clock came, and goes on under a second one`, async () => {
				const waiting = later(prepare(make())());
				await turns();
				clock = manualClock();
				await clock.advance(HOUR / 2);
				const half = clock;
				clock = manualClock();
				assert.throws(() => half.jump(1), {code: 'ERR_CLOCK_RESTORED'});
				const ended = waiting.then(
					() => clock.now,
					() => clock.now,
				);
				await clock.advance(HOUR / 2 - 1000);
				assert.equal(await outcomeOf(ended), 'pending');
				await clock.advance(2000);
				assert.ok((await outcomeOf(ended)) <= HOUR / 2 + 1);
			});
		}
	});
}

describe('what waits when the clock is restored', () => {
	for (const [what, prepare] of Object.entries(waits)) {
		test(`${what}: goes on in real time for the rest`, async () => {
			clock = manualClock();
			const waiting = later(prepare(pLimit({concurrency: 4, maxQueue: 1}))());
			await clock.advance(HOUR - 5);
			assert.equal(await outcomeOf(waiting), 'pending');
			clock.restore();
			await waiting.catch(() => {});
		});
	}

	test('a limit that lives on has neither a debt nor a present of the time that has passed', async () => {
		const limit = pLimit({concurrency: 9, rate: {limit: 1, interval: HOUR}});
		clock = manualClock();
		await limit(() => {});
		await clock.advance(HOUR);
		await limit(() => {});
		clock.restore();
		assert.ok(limit.stats().rate.available < 0.1);
		const short = pLimit({concurrency: 9, rate: {limit: 1, interval: 5}});
		await short.map([1, 2, 3], () => {});
	});

	test('real time goes on for pools, and for limits that come later', async () => {
		clock = manualClock();
		await clock.advance(HOUR);
		clock.restore();
		await assert.rejects(pLimit(1).with({timeout: 5})(hang), {code: 'ERR_TASK_TIMEOUT'});
	});
});

describe('advance', () => {
	test('does what is due in the order of its times, and what comes of each before the next', async () => {
		clock = manualClock({timers: true});
		const order = [];
		const note = name => order.push([name, clock.now]);
		const rated = pLimit({concurrency: 9, rate: {limit: 1, interval: 100}});
		rated.map(['a', 'b', 'c'], note);
		const paused = pLimit(1);
		paused.pauseFor(150);
		paused(async () => {
			note('paused');
			await new Promise(resolve => setTimeout(resolve, 25));
			note('slept');
		});
		setTimeout(note, 180, 'timer');
		await clock.advance(1000);
		assert.deepEqual(order, [
			['a', 0],
			['b', 100],
			['paused', 150],
			['slept', 175],
			['timer', 180],
			['c', 200],
		]);
		assert.equal(clock.now, 1000);
	});

	test('calls of it follow each other', async () => {
		clock = manualClock({timers: true});
		const times = [];
		setTimeout(async () => {
			await clock.advance(5); // it begins when that of the test has ended
			times.push(clock.now);
		}, 10);
		const first = clock.advance(20).then(() => times.push(clock.now));
		const second = clock.advance(20).then(() => times.push(clock.now));
		await Promise.all([first, second]);
		await turns();
		assert.deepEqual(times, [20, 40, 45]);
	});

	test('rejects with what a timer throws, and goes on the next time', async () => {
		clock = manualClock({timers: true});
		setTimeout(() => {
			throw new Error('mine');
		}, 10);
		await assert.rejects(clock.advance(20), /^Error: mine$/);
		assert.equal(clock.now, 10);
		await clock.advance(20);
		assert.equal(clock.now, 30);
	});

	test('ends when the clock is restored meanwhile', async () => {
		clock = manualClock({timers: true});
		setTimeout(() => clock.restore(), 10);
		await clock.advance(HOUR);
		assert.equal(clock.now, 10);
	});
});

describe('next', () => {
	test('goes to what is due next, and tells how far that was', async () => {
		clock = manualClock();
		const limit = pLimit({concurrency: 9, rate: {limit: 1, interval: 100}});
		const all = limit.map([1, 2, 3], () => clock.now);
		const timedOut = later(pLimit(1).with({timeout: 130})(hang));
		const steps = [await clock.next(), await clock.next(), await clock.next()];
		assert.deepEqual(steps, [100, 30, 70]);
		assert.deepEqual(await all, [0, 100, 200]);
		assert.deepEqual(await outcomeOf(timedOut), {rejected: 'ERR_TASK_TIMEOUT'});
	});
});

describe('jump', () => {
	test('fires no timer before the next step; a rate goes on meanwhile, as while the event loop is blocked', async () => {
		clock = manualClock();
		const limit = pLimit({concurrency: 9, rate: {limit: 1, interval: 100, burst: 2}});
		const starts = [];
		limit.map([1, 2, 3, 4], () => starts.push(clock.now));
		const timedOut = later(pLimit(1).with({timeout: 50})(hang));
		await turns();
		clock.jump(250);
		assert.equal(await outcomeOf(timedOut), 'pending');
		assert.deepEqual(starts, hasThreads ? [0, 0, 250, 250] : [0, 0]);
		await clock.advance(0);
		assert.deepEqual(await outcomeOf(timedOut), {rejected: 'ERR_TASK_TIMEOUT'});
		assert.deepEqual(starts, [0, 0, 250, 250]);
	});
});

describe('the numbers', () => {
	test('of stats, of an adaptive limit and of onProgress are those of the clock', async () => {
		clock = manualClock();
		const limit = pLimit({concurrency: {initial: 2, max: 4}});
		const {promise, resolve} = deferred();
		const call = limit(() => promise);
		await clock.advance(40);
		assert.equal(limit.stats().online.oldest.age, 40);
		resolve();
		await call;
		assert.equal(Math.round(limit.stats().online.run.max), 40);

		const seen = [];
		const ends = [deferred(), deferred()];
		const onProgress = ({done}) => seen.push([done, clock.now]);
		const all = pLimit(2)
			.with({})
			.map(ends, end => end.promise, {onProgress, progressInterval: 100});
		await clock.advance(10);
		ends[0].resolve();
		await clock.advance(200);
		ends[1].resolve();
		await all;
		assert.deepEqual(seen, [
			[1, 140],
			[2, 250],
		]);
	});

	test('`date` is what a Retry-After date is compared with', async () => {
		clock = manualClock({date: new Date('2030-01-01T00:00:00Z')});
		await clock.advance(1000);
		assert.equal(clock.date.toISOString(), '2030-01-01T00:00:01.000Z');
		const headers = {'retry-after': 'Tue, 01 Jan 2030 00:01:00 GMT'};
		assert.equal(pLimit.retryAfter({headers}), 59_000);
	});

	test('`date` is what fixed windows begin by', async () => {
		clock = manualClock({date: new Date('2030-01-01T23:59:00Z')});
		const limit = pLimit({concurrency: 1, rate: {limit: 1, interval: 24 * HOUR, window: 'fixed'}});
		const all = limit.map([1, 2, 3], () => clock.date.toISOString());
		await clock.advance(2 * 24 * HOUR);
		const [first, second, third] = await all;
		assert.equal(first, '2030-01-01T23:59:00.000Z');
		assert.match(second, /^2030-01-02T00:00:00/);
		assert.match(third, /^2030-01-03T00:00:00/);
	});

	test('`timerCount` counts what waits', async () => {
		clock = manualClock({timers: true});
		assert.equal(clock.timerCount, 0);
		const timer = setTimeout(hang, 5);
		pLimit(1).pauseFor(10);
		assert.equal(clock.timerCount, 1, 'nobody waits for the end of that pause');
		clearTimeout(timer);
		assert.equal(clock.timerCount, 0);
	});
});

describe('keyed limits', () => {
	test('are swept by the clock, also those that were there before', async () => {
		const limits = pLimit.keyed({concurrency: 1, idleTimeout: HOUR});
		limits('a');
		clock = manualClock();
		await clock.advance(2 * HOUR);
		assert.equal(limits.size, 0);
		limits('b');
		await clock.advance(2 * HOUR);
		assert.equal(limits.size, 0);
	});
});

describe('whose time it is', () => {
	test('another copy of the package in the thread has its own', async () => {
		const {createContext, loadIn} = require('../environment/context.js');
		const copy = loadIn(createContext({}));
		clock = manualClock();
		const limit = copy({concurrency: 1, rate: {limit: 1, interval: 5}});
		assert.equal(`${await limit.map([1, 2, 3], item => item)}`, `1,2,3`);
		await assert.rejects(copy(1).with({timeout: 5})(hang), {code: 'ERR_TASK_TIMEOUT'});
	});

	test('another thread has its own, and a limit with a name has that of the thread that has made it', async t => {
		if (!hasThreads) {
			t.skip('needs threads');
			return;
		}

		const {Worker} = require('node:worker_threads');
		const name = `testing ${names++}`;
		clock = manualClock();
		const limit = pLimit({name, concurrency: 1, rate: {limit: 1, interval: HOUR}});
		await limit(() => {});
		const worker = new Worker(
			`const {parentPort} = require('node:worker_threads');
			const pLimit = require(${JSON.stringify(require.resolve('p-lanes'))});
			(async () => {
				await pLimit({concurrency: 1, rate: {limit: 1, interval: 5}}).map([1, 2, 3], () => {});
				const shared = pLimit({name: ${JSON.stringify(name)}})(() => 'shared');
				parentPort.postMessage('its own');
				parentPort.postMessage(await shared);
			})();`,
			{eval: true},
		);
		const told = [];
		worker.on('message', message => told.push(message));
		const ended = new Promise(resolve => worker.once('exit', resolve));
		while (told.length < 1) {
			await sleep(1);
		}

		while (limit.stats().online.pending === 0) {
			await sleep(1);
		}

		assert.deepEqual(told, ['its own']);
		await clock.advance(HOUR);
		await ended;
		assert.deepEqual(told, ['its own', 'shared']);
	});
});

describe('bad input', () => {
	test('is refused, and changes nothing', async () => {
		for (const [options, message] of [
			[{timer: true}, /^`timer` is not an option; did you mean `timers`\?/],
			[{timers: 'all'}, /^`timers` must be a boolean, got 'all'$/],
			[{date: 'yesterday'}, /^`date` must be a Date or a number of milliseconds since 1970, got 'yesterday'$/],
			[{date: new Date(Number.NaN)}, /^`date` must be/],
			[5, /^`options` must be an object, got 5$/],
		]) {
			assert.throws(() => manualClock(options), {code: 'ERR_INVALID_ARG', message});
		}

		assert.equal(await pLimit({concurrency: 1, rate: {limit: 1, interval: 1}})(() => 'real'), 'real');
		clock = manualClock({date: null, timers: null});
		for (const millis of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5', undefined]) {
			assert.throws(() => clock.advance(millis), {code: 'ERR_INVALID_ARG', message: /^`ms` must be a number of milli/});
			assert.throws(() => clock.jump(millis), {code: 'ERR_INVALID_ARG'});
		}

		assert.equal(clock.now, 0);
		clock.restore();
		clock.restore();
		for (const move of ['advance', 'next', 'jump']) {
			assert.throws(() => clock[move](1), {code: 'ERR_CLOCK_RESTORED'});
		}
	});
});
