'use strict';

// Every place that takes a signal, each as a function of a signal that gives the promise of its outcome.

const path = require('node:path');
const {Readable} = require('node:stream');
const {setImmediate: tick} = require('node:timers/promises');
const {Pool, compress, decompress, hash} = require('p-lanes');
const pLimit = require('p-lanes');

const filename = path.join(__dirname, '..', 'pool', 'fixtures', 'work.js');

const read = async iterable => {
	const results = [];
	for await (const result of iterable) {
		results.push(result);
	}

	return results;
};

let stages = 0;

/**
 * What the ways use. `ran` counts the tasks that have begun; `release()` ends those that wait for it. What needs threads
 * is made when it is first used.
 */
class Stage {
	ran = 0;
	limit = pLimit(1);
	keyed = pLimit.keyed({concurrency: 1, total: 1});
	nested = pLimit({concurrency: 2, nested: 'lend'});
	#named;
	#pool;
	#limited;

	constructor({isBusy = false} = {}) {
		this.released = new Promise(resolve => {
			this.release = resolve;
		});
		if (isBusy) {
			this.limit(() => this.released);
		}
	}

	get named() {
		this.#named ??= pLimit({concurrency: 1, name: `stage ${stages++}`});
		return this.#named;
	}

	get pool() {
		this.#pool ??= new Pool({filename, maxThreads: 1});
		return this.#pool;
	}

	get limited() {
		this.#limited ??= new Pool({filename, maxThreads: 1, limit: this.limit});
		return this.#limited;
	}

	work = async () => {
		this.ran++;
		return 'done';
	};

	/** Whether all that was begun has ended and left nothing behind. */
	async assertIdle(assert) {
		this.release();
		await this.limit.onIdle();
		await this.nested.onIdle();
		await this.#named?.onIdle();
		const limits = [this.limit, this.nested, this.#named, this.keyed.total, this.keyed('key')];
		for (const limit of limits.filter(limit => limit !== undefined)) {
			assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
			assert.equal(await limit(() => 'next'), 'next');
		}

		for (const pool of [this.#pool, this.#limited]) {
			assert.equal(pool?.queueSize ?? 0, 0);
		}
	}

	async close() {
		await this.#pool?.destroy();
		await this.#limited?.destroy();
	}
}

const ofLimit = {
	'a call': ({limit, work}, signal) => limit.with({signal})(work),
	'a call with options': ({limit, work}, signal) => limit.with({signal, retry: 1, timeout: 60_000})(work),
	'a call in a lane': ({limit, work}, signal) => limit.offline.with({signal})(work),
	map: ({limit, work}, signal) => limit.map([1, 2], work, {signal}),
	'map of a lane': ({limit, work}, signal) => limit.with({signal}).map([1, 2], work),
	'map of tasks': ({limit, work}, signal) => limit.with({signal, retry: 1}).map(new Set([1, 2]), work),
	settle: ({limit, work}, signal) => limit.settle([1, 2], work, {signal}),
	stream: ({limit, work}, signal) => read(limit.stream([1, 2], work, {signal})),
	'stream of a lane': ({limit, work}, signal) => read(limit.with({signal}).stream([1, 2], work)),
	'stream of tasks': ({limit, work}, signal) => read(limit.with({signal, timeout: 60_000}).stream([1, 2], work)),
	transform: async ({limit, work}, signal) => read(Readable.from([1, 2]).compose(limit.transform(work, {signal}))),
	'pool.run with a limit': ({limited}, signal) => limited.run('x', {signal}),
	'pool.map with a limit': ({limited}, signal) => limited.map(['x', 'y'], {signal}),
	'pool.stream with a limit': async ({limited}, signal) => read(limited.stream(['x', 'y'], {signal})),
	'hash with a limit': ({limit}, signal) => hash('sha1', 'x', {signal, limit}),
	'compress.map with a limit': ({limit}, signal) => compress.map('gzip', ['x', 'y'], {signal, limit}),
};

const others = {
	once: ({limit, work}, signal) => limit.with({signal}).once('key', work), // goes on without its caller
	'a keyed call': ({keyed, work}, signal) => keyed('key').with({signal})(work),
	'a keyed map': ({keyed, work}, signal) => keyed('key').map([1, 2], work, {signal}),
	'a call of a named limit': ({named, work}, signal) => named.with({signal})(work),
	'a map of a named limit': ({named, work}, signal) => named.map([1, 2], work, {signal}),
	'a nested call': ({nested, work}, signal) => nested(() => nested.with({signal})(work)),
	'a nested map': ({nested, work}, signal) => nested(() => nested.map([1, 2], work, {signal})),
	'pool.run': ({pool}, signal) => pool.run('x', {signal}),
	'pool.run of a clone': ({pool}, signal) => pool.run(new Map([['x', 1]]), {signal}),
	'pool.run of a transfer': ({pool}, signal) => {
		const {buffer} = new Uint8Array(8);
		return pool.run(buffer, {signal, transferList: [buffer]});
	},
	'pool.run with a timeout': ({pool}, signal) => pool.online.run('x', {signal, timeout: 60_000}),
	'pool.map': ({pool}, signal) => pool.map(['x', 'y'], {signal}),
	'pool.stream': async ({pool}, signal) => read(pool.stream(['x', 'y'], {signal})),
	'pool.stream in any order': ({pool}, signal) => read(pool.offline.stream(['x', 'y'], {signal, ordered: false})),
	hash: (_, signal) => hash('sha1', 'x', {signal}),
	'hash.map': (_, signal) => hash.map('sha1', ['x', 'y'], {signal}),
	'hash.files': (_, signal) => hash.files('sha1', [__filename], {signal}),
	compress: (_, signal) => compress('gzip', 'x', {signal}),
	'decompress.map': async (_, signal) => decompress.map('gzip', [await compress('gzip', 'x')], {signal}),
};

/** Ways that wait for the stage's limit. */
const waitingWays = Object.entries(ofLimit);
const ways = [...waitingWays, ...Object.entries(others)];

/** Calls a way, which may throw at once. */
const call = async (way, stage, signal) => way(stage, signal);

module.exports = {Stage, call, read, tick, waitingWays, ways};
