'use strict';

// The global timers by the clock of `p-lanes/testing` (its option `timers`), beside fake timers, and after it.

const assert = require('node:assert/strict');
const {AsyncLocalStorage} = require('node:async_hooks');
const {afterEach, describe, mock, test} = require('node:test');
const FakeTimers = require('@sinonjs/fake-timers');
const pLimit = require('p-lanes');
const {manualClock} = require('p-lanes/testing');
const {later, outcomeOf} = require('../flow/helpers.js');

const real = {setTimeout, setInterval, clearTimeout, clearInterval};
const globals = () => ({setTimeout, setInterval, clearTimeout, clearInterval});
const hang = () => new Promise(() => {});

let clock;

afterEach(() => {
	clock.restore();
	assert.deepEqual(globals(), real);
});

describe('the global timers', () => {
	test('are left alone unless it is asked for', () => {
		clock = manualClock();
		assert.deepEqual(globals(), real);
	});

	test('fire in their order, with their arguments and in the async context of their callers', async () => {
		clock = manualClock({timers: true});
		const storage = new AsyncLocalStorage();
		const seen = [];
		const note = (...args) => seen.push([clock.now, storage.getStore(), ...args]);
		storage.run('a', () => setTimeout(note, 20, 1, 2));
		storage.run('b', () => setTimeout(note, 10, 3));
		setTimeout(note);
		setTimeout(note, 20, 'later');
		await storage.run('of the test', () => clock.advance(20));
		assert.deepEqual(seen, [
			[1, undefined],
			[10, 'b', 3],
			[20, 'a', 1, 2],
			[20, undefined, 'later'],
		]);
	});

	test('repeat, are refreshed and are cleared, also by their numbers', async () => {
		clock = manualClock({timers: true});
		const seen = [];
		const interval = setInterval(() => seen.push(`interval ${clock.now}`), 10);
		const cleared = setTimeout(() => seen.push('cleared'), 15);
		const number = Number(setTimeout(() => seen.push('cleared'), 15));
		const refreshed = setTimeout(() => seen.push(`refreshed ${clock.now}`), 20);
		await clock.advance(10);
		clearTimeout(cleared);
		clearTimeout(number);
		clearTimeout(undefined);
		clearTimeout(12_345);
		refreshed.unref().ref().refresh();
		assert.equal(refreshed.hasRef(), true);
		await clock.advance(15);
		clearInterval(interval);
		await clock.advance(100);
		assert.deepEqual(seen, ['interval 10', 'interval 20', 'refreshed 30']);
	});

	test('an interval may be cleared in its own function', async () => {
		clock = manualClock({timers: true});
		let times = 0;
		const interval = setInterval(() => {
			times++;
			clearInterval(interval);
		}, 10);
		await clock.advance(100);
		assert.equal(times, 1);
	});

	test('what they wait for when the clock is restored never comes', async () => {
		clock = manualClock({timers: true});
		const timer = setTimeout(() => assert.fail('it came'), 1);
		setInterval(() => assert.fail('it came'), 1);
		clock.restore();
		clearTimeout(timer);
		await new Promise(resolve => setTimeout(resolve, 20));
	});

	test('that somebody has replaced since are not put back', () => {
		clock = manualClock({timers: true});
		const mine = () => {};
		const {setTimeout: ours} = globalThis;
		globalThis.setTimeout = mine;
		clock.restore();
		assert.equal(globalThis.setTimeout, mine);
		assert.notEqual(globalThis.setTimeout, ours);
		assert.equal(globalThis.setInterval, real.setInterval);
		globalThis.setTimeout = real.setTimeout;
	});

	test('a function is needed', () => {
		clock = manualClock({timers: true});
		assert.throws(() => setTimeout('code'), {code: 'ERR_INVALID_ARG'});
	});
});

const libraries = {
	'@sinonjs/fake-timers'() {
		const fakes = FakeTimers.install();
		return {pass: duration => fakes.tickAsync(duration), end: () => fakes.uninstall()};
	},
	'mock.timers'() {
		mock.timers.enable({apis: ['setTimeout', 'setInterval']});
		return {pass: async duration => mock.timers.tick(duration), end: () => mock.timers.reset()};
	},
};

for (const [library, install] of Object.entries(libraries)) {
	describe(`with the fake timers of ${library}`, () => {
		for (const isFirst of [true, false]) {
			test(`there are two clocks: theirs for others, this one for limits (${isFirst ? 'they come' : 'it comes'} first)`, async () => {
				let fakes = isFirst ? install() : undefined;
				clock = manualClock();
				fakes ??= install();
				try {
					const timedOut = later(pLimit(1).with({timeout: 1000})(hang));
					let isDue = false;
					setTimeout(() => {
						isDue = true;
					}, 1000);
					await clock.advance(999);
					await fakes.pass(999);
					assert.equal(await outcomeOf(timedOut), 'pending');
					await fakes.pass(1);
					assert.equal(isDue, true);
					assert.equal(await outcomeOf(timedOut), 'pending', 'their clock moves no limit on');
					await clock.advance(1);
					assert.deepEqual(await outcomeOf(timedOut), {rejected: 'ERR_TASK_TIMEOUT'});
				} finally {
					fakes.end();
				}
			});
		}

		test('limits follow them again when the clock is restored', async () => {
			const fakes = install();
			try {
				clock = manualClock();
				clock.restore();
				const timedOut = later(pLimit(1).with({timeout: 3_600_000})(hang));
				await outcomeOf(timedOut);
				await fakes.pass(3_600_000);
				assert.deepEqual(await outcomeOf(timedOut), {rejected: 'ERR_TASK_TIMEOUT'});
			} finally {
				fakes.end();
			}
		});
	});
}
