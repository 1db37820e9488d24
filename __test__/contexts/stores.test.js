'use strict';

// What outlives a request keeps none of its stores: timers, threads, ports, doorbells and promises.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {run} = require('../script.js');

/** By name: what is made before, what a request does with it, and what ends it. */
const ways = {
	'a call with a timeout': {
		before: 'const limit = pLimit(1).with({timeout: 1e6})',
		use: 'await limit(() => {})',
	},
	'a call with a queueTimeout that has waited': {
		before: 'const limit = pLimit(1).with({queueTimeout: 1e6})',
		use: 'await Promise.all([limit(async () => {}), limit(() => {})])',
	},
	'a call that was tried again': {
		before: 'const limit = pLimit(1).with({retry: {retries: 1, minTimeout: 0}}); let calls = 0;',
		use: 'await limit(() => { if (calls++ === 0) throw new Error(); })',
	},
	'a call of a limit with a key': {
		before: 'const keyed = pLimit.keyed({concurrency: 1})',
		use: "await keyed('key')(() => {})",
	},
	'a call that was cleared in a pause': {
		before: 'const limit = pLimit({concurrency: 1, rejectOnClear: true}); limit.pauseFor(1e6)',
		use: 'const call = limit(() => {}); limit.clearQueue(); await call.catch(() => {})',
	},
	'a pause': {
		before: 'const limit = pLimit(1); limit.pauseFor(1e6); limit(() => {})',
		use: 'limit.pauseFor(2e6)',
		after: 'limit.resume()',
	},
	'the end of a wait for time': {
		before: 'const limit = pLimit(1)',
		use: 'limit.pauseFor(1); await limit(() => {})',
	},
	'a call of a limit with a rate': {
		before: 'const limit = pLimit({concurrency: 1, rate: {limit: 1, interval: 10}})',
		use: 'await Promise.all([limit(() => {}), limit(() => {})]); await limit.ready()',
	},
	'a call of a limit with a name': {
		before: "const limit = pLimit({concurrency: 1, name: 'named'})",
		use: 'await Promise.all([limit(async () => {}), limit(() => {})])',
	},
	'the first limit with a name': {
		before: 'let limit',
		use: "limit = pLimit({concurrency: 1, name: 'named'}); await Promise.all([limit(async () => {}), limit(() => {})])",
	},
	'limits with a key': {
		before: 'let keyed',
		use: "keyed = pLimit.keyed({concurrency: 1, total: 2}); await keyed('key').with({timeout: 1e6})(() => {})",
	},
	'a call with a signal of the whole program': {
		before: 'const {signal} = new AbortController(); const limit = pLimit(1).with({signal, timeout: 1e6})',
		use: 'await Promise.all([limit(async () => {}), limit(() => {})])',
	},
	'a nested call': {
		before: "const limit = pLimit({concurrency: 1, nested: 'lend'})",
		use: 'await limit(() => limit(() => limit.map([1, 2], () => {})))',
	},
	'a map': {
		before: 'const limit = pLimit(2)',
		use: 'await limit.map([1, 2, 3], async () => {})',
	},
	'a stream': {
		before: 'const limit = pLimit(2); const {signal} = new AbortController()',
		use: 'for await (const _ of limit.stream([1, 2, 3], async () => {}, {signal})) { break; }',
	},
	'the first job of a pool': {
		before: 'const pool = new Pool({filename, maxThreads: 1, idleTimeout: 1e6})',
		use: "await pool.run(null, {name: 'nothing', timeout: 1e6})",
		after: 'await pool.destroy()',
	},
	'a pool': {
		before: 'let pool',
		use: "pool = new Pool({filename, minThreads: 1, maxThreads: 2, idleTimeout: 1e6}); await pool.run(null, {name: 'nothing'})",
		after: 'await pool.destroy()',
	},
	'a map of a pool': {
		before: 'const pool = new Pool({filename, maxThreads: 1, idleTimeout: 1e6})',
		use: "await pool.map([null, null, null], {name: 'nothing'})",
		after: 'await pool.destroy()',
	},
	'a stream of a pool': {
		before:
			'const pool = new Pool({filename, maxThreads: 1, idleTimeout: 1e6}); const {signal} = new AbortController()',
		use: "for await (const _ of pool.stream([null, null, null], {name: 'nothing', signal})) { break; }",
		after: 'await pool.destroy()',
	},
	'a task that is moved to a thread': {
		before: 'const pool = new Pool({filename, maxThreads: 1, idleTimeout: 1e6})',
		use: "await pool.run(new SharedArrayBuffer(1), {name: 'nothing'})",
		after: 'await pool.destroy()',
	},
	'a listener of a pool that was removed': {
		before:
			"const pool = new Pool({filename, maxThreads: 1, idleTimeout: 1e6}); await pool.run(null, {name: 'nothing'})",
		use: "const listener = () => {}; pool.on('error', listener); pool.once('drain', listener); pool.off('error', listener); pool.off('drain', listener)",
		after: 'await pool.destroy()',
	},
	'the first kernel call': {
		before: '',
		use: "await hash('sha256', 'text')",
	},
};

describe('the stores of a request are collected after', () => {
	for (const [name, {before, use, after = ''}] of Object.entries(ways)) {
		test(name, () => {
			const kept = run(`
				const {AsyncLocalStorage} = require('node:async_hooks');
				const {Pool, hash} = require('p-lanes');
				const filename = require('node:path').resolve('__test__/pool/fixtures/work.js');
				const storage = new AsyncLocalStorage();
				const request = async use => {
					const store = {};
					await storage.run(store, use);
					return new WeakRef(store);
				};
				${before};
				// Twice: the first request makes what is kept, and the second one may find it.
				const stores = [];
				for (let i = 0; i < 2; i++) {
					stores.push(await request(async () => { ${use}; }));
				}
				await collect();
				console.log(stores.filter(store => store.deref() !== undefined).length);
				${after};`);
			assert.equal(kept, '0', 'stores that were kept');
		});
	}
});
