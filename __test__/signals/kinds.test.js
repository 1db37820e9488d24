'use strict';

// Every place that takes a signal, with every kind of signal.

const assert = require('node:assert/strict');
const {spawnSync} = require('node:child_process');
const {getEventListeners} = require('node:events');
const process = require('node:process');
const {after, before, describe, test} = require('node:test');
const {failing, throwingFromRead, working} = require('./strange.js');
const {Stage, call, tick, waitingWays, ways} = require('./ways.js');

/** A stage for all tests of a suite, since it has threads. */
const useStage = options => {
	const use = {};
	before(() => {
		use.stage = new Stage(options);
	});
	after(() => use.stage.close());
	return use;
};

const listeners = ({signal}) => (signal instanceof EventTarget ? getEventListeners(signal, 'abort').length : 0);

for (const [kind, create] of Object.entries(failing)) {
	describe(`a signal ${kind}: rejects, and nothing has begun`, () => {
		const use = useStage();
		for (const [name, way] of ways) {
			test(name, async () => {
				const {stage} = use;
				const completed = stage.pool.completed + stage.limited.completed;
				await assert.rejects(call(way, stage, create().signal), {message: 'the fault of the signal'});
				await tick();
				assert.equal(stage.ran, 0);
				await stage.assertIdle(assert);
				assert.equal(stage.pool.completed + stage.limited.completed, completed);
			});
		}
	});
}

describe('a signal whose `aborted` throws from any later read on: the call rejects with that or succeeds', () => {
	const use = useStage();
	for (const [name, way] of ways) {
		test(name, async () => {
			for (let reads = 4; reads < 14; reads++) {
				await call(way, use.stage, throwingFromRead(reads).signal).catch(error => {
					assert.equal(error.message, 'the fault of the signal');
				});
				await use.stage.assertIdle(assert);
			}
		});
	}
});

for (const [kind, create] of Object.entries(working)) {
	describe(`a signal ${kind}: a call that`, () => {
		const use = useStage();
		for (const [name, way] of ways) {
			test(`succeeds: ${name}`, async () => {
				await call(way, use.stage, create().signal);
				await use.stage.assertIdle(assert);
			});

			test(`comes after the abort: ${name}`, async () => {
				const controller = create();
				controller.abort();
				const {ran} = use.stage;
				await assert.rejects(call(way, use.stage, controller.signal), {name: 'AbortError', code: 20});
				await use.stage.assertIdle(assert);
				assert.equal(use.stage.ran, ran);
			});
		}
	});

	describe(`a signal ${kind}: a call that waits leaves the queue at the abort`, () => {
		for (const [name, way] of waitingWays) {
			test(name, async t => {
				const stage = new Stage({isBusy: true});
				t.after(() => stage.close());
				const controller = create();
				const before = listeners(controller);
				const outcome = call(way, stage, controller.signal);
				outcome.catch(() => {});
				await tick();
				controller.abort();
				await assert.rejects(outcome, {name: 'AbortError', code: 20});
				assert.equal(stage.limit.pendingCount, 0);
				await stage.assertIdle(assert);
				assert.equal(stage.ran, 0);
				if (!Object.hasOwn(controller.signal, 'removeEventListener')) {
					assert.equal(listeners(controller), before);
				}
			});
		}
	});
}

test('all calls that a signal without a reason ends have the same AbortError', async () => {
	const controller = working['of abort-controller']();
	const stage = new Stage({isBusy: true});
	const lane = stage.limit.with(controller);
	const before = [lane(stage.work), lane.map([1], stage.work)].map(promise => promise.catch(error => error));
	controller.abort();
	const errors = await Promise.all([...before, lane(stage.work).catch(error => error)]);
	assert.ok(errors[0] instanceof DOMException);
	assert.equal(new Set(errors).size, 1);
	await stage.close();
});

describe('what can not work is refused', () => {
	const use = useStage();
	const add = {addEventListener() {}, removeEventListener() {}};
	const cases = {
		'no object': 'abort',
		'an EventTarget': new EventTarget(),
		'an emitter': Object.assign(new (require('node:events').EventEmitter)(), {aborted: false}),
		'no `aborted`': add,
		'`aborted` is no boolean': {...add, aborted: 0},
		'no removeEventListener': {addEventListener() {}, aborted: false},
		'no addEventListener': {removeEventListener() {}, aborted: false},
		'a controller': new AbortController(),
	};
	for (const [name, signal] of Object.entries(cases)) {
		test(name, async () => {
			for (const [, way] of ways) {
				await assert.rejects(call(way, use.stage, signal), {
					code: 'ERR_INVALID_ARG',
					message: /^`signal` must be an AbortSignal, got /,
				});
			}

			assert.equal(use.stage.ran, 0);
			await use.stage.assertIdle(assert);
		});
	}
});

test('a process in which signals have failed in every way comes to its end', () => {
	const script = `
		const {Stage, call, ways} = require('./__test__/signals/ways.js');
		const {failing, working} = require('./__test__/signals/strange.js');
		const stage = new Stage();
		(async () => {
			for (const create of [...Object.values(failing), working['whose removeEventListener throws']]) {
				for (const [, way] of ways) {
					await call(way, stage, create().signal).catch(() => {});
				}
			}
			console.log('end');
		})();`;
	const {status, stdout, stderr} = spawnSync(process.execPath, ['-e', script], {
		cwd: `${__dirname}/../..`,
		encoding: 'utf8',
		timeout: 120_000,
	});
	assert.deepEqual([stderr, status, stdout], ['', 0, 'end\n']);
});
