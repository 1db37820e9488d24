'use strict';

// What `util.inspect` and `console.log` show.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {inspect} = require('node:util');
const pLimit = require('p-lanes');
const {hold} = require('../shared/helpers.js');

/** On one line. */
const shown = (value, options) => inspect(value, {breakLength: Number.POSITIVE_INFINITY, compact: 10, ...options});

const IDLE = 'active: { online: 0, offline: 0 }, pending: { online: 0, offline: 0 }';

describe('inspect shows', () => {
	test('a limit with its slots and lanes', async () => {
		const limit = pLimit({concurrency: 1, rejectOnClear: true});
		assert.equal(shown(limit), `Limit { concurrency: 1, ${IDLE} }`);
		const held = hold(limit);
		const waiting = Promise.allSettled([limit(() => {}), limit.offline.map([1, 2], () => {})]);
		assert.equal(
			shown(limit),
			'Limit { concurrency: 1, active: { online: 1, offline: 0 }, pending: { online: 1, offline: 2 } }',
		);
		assert.equal(shown(limit.offline), `Lane { lane: 'offline', concurrency: 1, active: 0, pending: 2 }`);
		held.free();
		await waiting;
	});

	test('its name, its rate, a pause and a drain', async () => {
		const limit = pLimit({concurrency: Number.POSITIVE_INFINITY, name: 'shown', rate: {limit: 5, interval: 10}});
		limit.pause();
		const rate = 'rate: { limit: 5, interval: 10, burst: 1 }';
		assert.equal(shown(limit), `Limit { name: 'shown', concurrency: Infinity, ${IDLE}, ${rate}, paused: true }`);
		limit.resume();
		await limit.drain();
		assert.equal(shown(limit), `Limit { name: 'shown', concurrency: Infinity, ${IDLE}, ${rate}, drained: true }`);
	});

	test('a lane with its options', () => {
		const limit = pLimit({concurrency: 2, name: 'of the lane'});
		const bound = {label: 'mail', priority: 3, timeout: 5};
		assert.equal(
			shown(limit.offline.with(bound)),
			`Lane { limit: 'of the lane', lane: 'offline', label: 'mail', priority: 3, concurrency: 2, active: 0, pending: 0 }`,
		);
		assert.equal(
			shown(limit.with({lane: 'offline', ...bound})),
			`Limit { name: 'of the lane', lane: 'offline', label: 'mail', priority: 3, concurrency: 2, ${IDLE} }`,
		);
	});

	test('a chain with the limits behind it', () => {
		const chain = pLimit(1).chain(pLimit(2)).chain(pLimit(3));
		const behind = [2, 3].map(concurrency => `Limit { concurrency: ${concurrency}, ${IDLE} }`);
		assert.equal(shown(chain, {depth: 9}), `Limit { concurrency: 1, ${IDLE}, chain: [ ${behind.join(', ')} ] }`);
	});

	test('keyed limits with their total', () => {
		const keyed = pLimit.keyed({concurrency: 1, total: 5});
		const one = keyed('a');
		assert.equal(shown(keyed, {depth: 9}), `KeyedLimits { size: 1, total: Limit { concurrency: 5, ${IDLE} } }`);
		assert.equal(shown(one, {depth: 9}), `Limit { concurrency: 1, ${IDLE}, total: Limit { concurrency: 5, ${IDLE} } }`);
		assert.equal(shown(pLimit.keyed({concurrency: 1})), 'KeyedLimits { size: 0 }');
	});

	test('a pool and its lanes', async () => {
		const pool = new pLimit.Pool({filename: require.resolve('../pool/fixtures/work.js'), maxThreads: 2});
		try {
			assert.equal(shown(pool), `Pool { threads: 0, maxThreads: 2, ${IDLE} }`);
			assert.match(shown(pool.offline, {depth: 9}), /^PoolLane \{ lane: 'offline', pool: Pool \{ threads: 0/);
			await pool.run(1);
			assert.match(shown(pool), /^Pool \{ threads: 1/);
		} finally {
			await pool.close();
		}

		assert.match(shown(pool), /closed: true/);
	});
});

describe('inspect', () => {
	test('goes as deep as Node does', () => {
		const limit = pLimit(1);
		assert.equal(shown({a: {limit}}, {depth: 0}), '{ a: [Object] }');
		assert.equal(shown({limit}, {depth: 0}), '{ limit: [Limit] }');
		assert.equal(
			shown({limit}, {depth: 1}),
			`{ limit: Limit { concurrency: 1, active: [Object], pending: [Object] } }`,
		);
		assert.equal(shown({limit}, {depth: null}), `{ limit: Limit { concurrency: 1, ${IDLE} } }`);
		assert.equal(shown([[limit.online]], {depth: 1}), '[ [ [Lane] ] ]');
	});

	test('has colours and lines as Node does', () => {
		const limit = pLimit(12);
		assert.ok(inspect(limit, {colors: true}).includes(inspect(12, {colors: true})));
		assert.match(inspect(limit, {compact: false}), /^Limit \{\n {2}concurrency: 12,\n/);
	});

	test('runs no trap of a proxy', () => {
		const limit = pLimit(2);
		const trap = () => {
			throw new Error('a trap');
		};
		const handler = Object.fromEntries(Reflect.ownKeys(Reflect).map(name => [name, trap]));
		for (const target of [limit, limit.offline]) {
			assert.equal(shown(new Proxy(target, handler)), shown(target));
			assert.match(shown(new Proxy(target, handler), {showProxy: true}), /^Proxy \[/);
		}

		assert.equal(shown(Object.create(limit)), shown(limit));
	});

	test('runs no getter of the user', () => {
		const limit = pLimit(2);
		Object.defineProperty(limit, 'own', {
			enumerable: true,
			get() {
				throw new Error('a getter');
			},
		});
		assert.equal(shown(limit), `Limit { concurrency: 2, ${IDLE} }`);
	});

	test('shows the classes themselves as before', () => {
		const proto = Object.getPrototypeOf(pLimit(1));
		assert.doesNotThrow(() => inspect(proto));
		assert.doesNotThrow(() => inspect(Object.getPrototypeOf(proto)));
		assert.doesNotThrow(() => inspect(pLimit.Pool.prototype));
		assert.match(inspect(pLimit(1), {customInspect: false}), /Function/);
	});

	test('changes nothing of a limit that can be enumerated', () => {
		const limit = pLimit(1);
		assert.deepEqual(Object.keys(limit), []);
		assert.equal(typeof limit, 'function');
		assert.equal(String(limit).startsWith('limit('), true);
	});
});
