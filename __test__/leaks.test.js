'use strict';

// What is left behind: no memory after many calls, no gates of forgotten limits, no reason to stay alive.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const v8 = require('node:v8');
const {run} = require('./script.js');

const MILLION = 1_000_000;
const ALLOWED = 2_000_000;

describe('leaks', () => {
	test('a million settled calls leave nothing on the heap', () => {
		const grown = run(`
			const limit = pLimit(10);
			const round = async units => {
				for (let done = 0; done < units; done += 10_000) {
					await Promise.all(Array.from({length: 10_000}, (_, i) => limit[i % 2 ? 'online' : 'offline'](async () => i)));
				}
			};
			await round(20_000);
			const before = await heap();
			await round(${MILLION});
			console.log(await heap() - before);`);
		assert.ok(Number(grown) < ALLOWED, `${grown} bytes`);
	});

	test('nor does one queue of a million, failed or cleared, nor a map of a million', () => {
		const grown = run(`
			const limit = pLimit(10);
			const fail = async () => { throw undefined; };
			const round = async units => {
				await Promise.allSettled(Array.from({length: units}, () => limit(fail)));
				limit.offline.map(Array.from({length: units}), async () => {});
				const running = Array.from({length: units}, () => limit(async () => {}));
				limit.clearQueue();
				await running[0];
				running.length = 0;
				await limit.map(Array.from({length: units}), async () => {});
			};
			await round(1_000);
			const before = await heap();
			await round(${MILLION});
			console.log(await heap() - before);`);
		assert.ok(Number(grown) < ALLOWED, `${grown} bytes`);
	});

	test('nor does one queue of a million calls with a timeout, which wait under a ticket each', () => {
		const grown = run(`
			const limit = pLimit(10).with({timeout: 60_000});
			const round = units => Promise.all(Array.from({length: units}, () => limit(async () => {})));
			await round(1_000);
			const before = await heap();
			await round(${MILLION});
			console.log(await heap() - before);`);
		assert.ok(Number(grown) < ALLOWED, `${grown} bytes`);
	});

	test('a forgotten limit gives its gate back, also with work that hangs and waits', () => {
		const used = run(`
			const {createGate} = require('./lib/gate/native.js');
			const make = async () => {
				for (let i = 0; i < 1_000; i++) {
					const limit = pLimit(1);
					limit(() => new Promise(() => {}));
					limit(() => {});
					limit.offline.map([1, 2], () => {});
				}
			};
			for (let round = 0; round < 20; round++) {
				await make();
				await collect();
			}
			console.log(createGate(1));`);
		assert.ok(Number(used) < 5_000, `gate ${used} of 20,000 limits`);
	});

	test('nor does one with a rate leave any trace of it here', {skip: typeof v8.queryObjects !== 'function'}, () => {
		const left = run(`
			const {queryObjects} = require('node:v8');
			process.removeAllListeners('warning'); // it is an experimental function
			const count = async () => { await collect(); return queryObjects(WeakRef); };
			const use = number => Promise.all(
				Array.from({length: number}, () => pLimit({concurrency: 1, rate: {limit: 1, interval: 1}})(() => {})),
			);
			await use(1);
			const before = await count();
			await use(1_000);
			console.log(await count() - before);`);
		assert.ok(Number(left) < 10, `${left} weak references of 1,000 limits`);
	});

	test('a map that has ended keeps no item, and no last call its limit', () => {
		assert.equal(
			run(`
				const {AsyncLocalStorage} = require('node:async_hooks');
				const make = async () => {
					const limit = pLimit(2);
					const items = [{}, {}, {}, {}, {}];
					await new AsyncLocalStorage().run('tracked', () => limit.map(items, async item => { await new Promise(setImmediate); }));
					const refs = items.map(item => new WeakRef(item));
					return [limit, refs];
				};
				const [limit, refs] = await make();
				const last = await (async () => {
					const other = pLimit(1);
					await Promise.all([other(async () => {}), other(async () => {})]);
					return new WeakRef(other);
				})();
				await collect();
				console.log(refs.filter(ref => ref.deref()).length, last.deref() === undefined, limit.pendingCount);`),
			'0 true 0',
		);
	});

	test('a function that gave up its slot is not kept', () => {
		assert.equal(
			run(`
				const bound = {timeout: 1, releaseSlot: true};
				const ways = {
					call: (limit, fn) => limit.with(bound)(fn),
					retry: (limit, fn) => limit.with({...bound, retry: 1})(fn),
					run: (limit, fn) => limit.run(fn, bound),
					once: (limit, fn) => limit.with({...bound, retry: 1}).once('key', fn),
					map: (limit, fn) => limit.with({...bound, retry: 1}).map([1], fn),
					stream: (limit, fn) => limit.with({...bound, retry: 1}).stream([1], fn).next(),
				};
				const hang = async (limit, way) => {
					const fn = () => new Promise(() => {});
					await ways[way](limit, fn).catch(() => {});
					return new WeakRef(fn);
				};
				const kept = [];
				const limits = [pLimit(1), pLimit.keyed({concurrency: 1, total: 1})('a')];
				for (const limit of limits) {
					for (const way of Object.keys(ways)) {
						kept.push([way, await hang(limit, way)]);
					}
				}
				await collect();
				console.log(kept.filter(([, ref]) => ref.deref()).join(), limits.map(limit => limit.stats().abandoned).join());`),
			'6,6',
		);
	});

	test('a limit that is in use is not forgotten', () => {
		assert.equal(
			run(`
				const start = () => {
					const limit = pLimit(1);
					let end;
					limit(() => new Promise(resolve => { end = resolve; }));
					const queued = limit(() => 'ran');
					return [() => end(), queued];
				};
				const [end, queued] = start();
				await collect();
				end();
				console.log(await queued);`),
			'ran',
		);
	});

	test('neither an idle limit nor one with waiting calls keeps the process alive', () => {
		assert.equal(
			run(
				`
				const limit = pLimit(1);
				limit(() => new Promise(() => {}));
				limit(() => {});
				await null;
				console.log('done');`,
				{isStuck: true},
			),
			'done',
		);
	});
});
