'use strict';

// What calls with options leave behind, however they end: no listener on a signal, no timer that keeps the process
// alive, nothing on the heap.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {run} = require('../script.js');

const CALLS = 50_000;
const BATCH = 5_000;

/** Bytes: 20 for each call, which is less than any object takes. */
const ALLOWED = 20 * CALLS;

/** What the scripts are written with. Times are long: nobody of them is waited for, or the script takes as long. */
const PRELUDE = `
	const {getEventListeners} = require('node:events');
	const LONG = 600_000;
	Error.stackTraceLimit = 0;
	const range = length => Array.from({length}, (_, index) => index);
	const work = async x => x;
	const fail = async () => { throw undefined; };
	const turn = () => new Promise(setImmediate);
	const options = {queueTimeout: LONG, timeout: LONG, retry: {retries: 1, minTimeout: 0}};
	const allOf = {concurrency: 10, rejectOnClear: true};
	const limit = pLimit(allOf);
	const shared = new AbortController();
	const bound = limit.with({...options, signal: shared.signal});

	/** A limit whose slots are all taken, and what frees them. */
	const taken = () => {
		const limit = pLimit(allOf);
		let free;
		const all = new Promise(resolve => { free = resolve; });
		limit.map(range(10), () => all);
		return {limit, free};
	};

	const signals = [shared.signal];
	const controllerOf = () => {
		const controller = new AbortController();
		signals.push(controller.signal);
		return controller;
	};

	/** Which listeners and timers there are still. */
	const left = () => {
		const listeners = signals.reduce((sum, signal) => sum + getEventListeners(signal, 'abort').length, 0);
		const timers = process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
		signals.length = 1;
		return listeners + ' ' + timers;
	};
`;

/** So many calls at a time, in each of the ways to end; each gives back when all have settled. */
const WAYS = {
	succeeding: 'await Promise.all(range(calls).map(x => bound(work, x)));',

	failing: `
		await Promise.allSettled(range(calls).map(() => limit.with({...options, retry: 0, signal: shared.signal})(fail)));`,

	retried: `
		const lane = pLimit(Infinity).with({...options, signal: shared.signal});
		await Promise.allSettled(range(calls).map(() => lane(fail)));`,

	'aborted while they wait': `
		const {limit, free} = taken();
		const controller = controllerOf();
		const lane = limit.with({...options, signal: controller.signal});
		const all = range(calls).map(x => lane(work, x));
		controller.abort();
		await Promise.allSettled(all);
		free();
		await limit.onIdle();`,

	'aborted while they run': `
		const controller = controllerOf();
		const limit = pLimit(Infinity);
		const lane = limit.with({...options, retry: 0, signal: controller.signal});
		const frees = [];
		const all = range(calls).map(() => lane(() => new Promise(resolve => { frees.push(resolve); })));
		await turn();
		controller.abort();
		await Promise.allSettled(all);
		for (const free of frees) free();
		await limit.onIdle();`,

	'timed out in the queue': `
		const {limit, free} = taken();
		const lane = limit.with({...options, queueTimeout: 0, signal: shared.signal});
		await Promise.allSettled(range(calls).map(x => lane(work, x)));
		free();
		await limit.onIdle();`,

	'timed out while they run': `
		const limit = pLimit(Infinity);
		const lane = limit.with({...options, timeout: 0, signal: shared.signal});
		const frees = [];
		await Promise.allSettled(range(calls).map(x => lane(() => new Promise(resolve => { frees.push(resolve); }))));
		for (const free of frees) free();
		await limit.onIdle();`,

	cleared: `
		const {limit, free} = taken();
		const lane = limit.with({...options, signal: shared.signal});
		const all = range(calls).map(x => lane(work, x));
		limit.clearQueue();
		await Promise.allSettled(all);
		free();
		await limit.onIdle();`,

	'refused by a full queue': `
		const limit = pLimit({concurrency: 1, maxQueue: 0});
		let free;
		limit(() => new Promise(resolve => { free = resolve; }));
		const lane = limit.with({...options, signal: shared.signal});
		await turn();
		await Promise.allSettled(range(calls).map(x => lane(work, x)));
		free();
		await limit.onIdle();`,

	drained: `
		const {limit, free} = taken();
		const lane = limit.with({...options, signal: shared.signal});
		const all = range(calls).map(x => lane(work, x));
		const drained = limit.drain({queued: false});
		await Promise.allSettled(all);
		free();
		await drained;`,

	'in maps with a signal': `
		await limit.map(range(calls), work, {signal: shared.signal});
		await limit.map(range(calls), fail, {signal: shared.signal}).catch(() => {});
		await limit.settle(range(calls), fail, {signal: shared.signal});
		await limit.map(range(calls), fail, {signal: shared.signal, stopOnError: true}).catch(() => {});
		await limit.onIdle();
		await bound.map(range(calls / 10), work);
		const controller = controllerOf();
		const map = limit.map(range(calls), async x => { if (x === 100) controller.abort(); }, {signal: controller.signal});
		await map.catch(() => {});
		await limit.onIdle();`,

	'by once, with a signal': `
		await Promise.all(range(calls).map(x => bound.once(x % 1_000, work, x)));
		await Promise.all(range(calls).map(x => bound.once(x, work, x)));
		const controller = controllerOf();
		const lane = limit.with({signal: controller.signal});
		const own = limit.once('k', turn);
		const all = range(calls / 10).map(() => lane.once('k', work));
		controller.abort();
		await Promise.allSettled([own, ...all]);`,

	'in streams that are run to the end, broken off, failed and aborted': `
		for (let done = 0; done < calls; done += 100) {
			for await (const x of bound.stream(range(25), work));
			for await (const x of bound.stream(range(50), work)) { if (x === 10) break; }
			try { for await (const x of bound.stream(range(25), fail)); } catch {}
			const controller = controllerOf();
			try { for await (const x of limit.stream(range(25), work, {signal: controller.signal})) controller.abort(); } catch {}
		}
		await limit.onIdle();`,
};

describe('calls with options leave nothing', () => {
	for (const [name, way] of Object.entries(WAYS)) {
		test(name, () => {
			const [listeners, timers, grown] = run(`
				${PRELUDE}
				const round = async calls => { ${way} };
				await round(${BATCH});
				const before = await heap();
				for (let done = 0; done < ${CALLS}; done += ${BATCH}) await round(${BATCH});
				const nothing = left();
				console.log(nothing, await heap() - before);`).split(' ');
			assert.deepEqual({listeners, timers}, {listeners: '0', timers: '0'});
			assert.ok(Number(grown) < ALLOWED, `${grown} bytes`);
		});
	}

	for (const [kind, start] of [
		['calls', 'limit.with(options)(fn)'],
		['calls with retries', 'limit.with({...options, retry: {signal}})(fn)'],
		['calls that get a context', 'limit.run(fn, options)'],
		['calls of a key with a total', 'key.with({...options, retry: 1})(fn)'],
	]) {
		test(`functions that never end are not kept where their slot was released: ${kind}`, () => {
			const [kept, abandoned, listeners] = run(`
				${PRELUDE}
				const {signal} = shared;
				const key = pLimit.keyed({concurrency: 10, total: 10})('key');
				const refs = [];
				for (let i = 0; i < 50; i++) {
					const fn = () => new Promise(() => {});
					refs.push(new WeakRef(fn));
					const options = {timeout: 1, releaseSlot: true};
					await (${start}).catch(() => {});
				}
				await turn();
				await collect();
				const kept = refs.filter(ref => ref.deref() !== undefined).length;
				console.log(kept, limit.stats().abandoned + key.stats().abandoned, getEventListeners(signal, 'abort').length);`).split(
				' ',
			);
			assert.ok(Number(kept) <= 2, `${kept} functions`); // the last ones may still be at hand
			assert.deepEqual([abandoned, listeners], ['50', '0']);
		});
	}

	test('in transforms that are destroyed', () => {
		const [listeners, timers, grown] = run(`
			${PRELUDE}
			const round = async transforms => {
				for (let i = 0; i < transforms; i++) {
					const transform = bound.transform(work);
					transform.on('error', () => {});
					transform.write(i);
					if (i % 2) transform.resume();
					await turn();
					transform.destroy();
				}
				await turn();
				await limit.onIdle();
			};
			await round(500);
			const before = await heap();
			await round(2_000);
			const nothing = left();
			console.log(nothing, await heap() - before);`).split(' ');
		assert.deepEqual({listeners, timers}, {listeners: '0', timers: '0'});
		assert.ok(Number(grown) < ALLOWED, `${grown} bytes`);
	});

	test('in limits of their own, whose timers go with them', () => {
		const grown = run(`
			${PRELUDE}
			const round = async limits => {
				for (let i = 0; i < limits; i++) await pLimit(1).with(options)(work);
			};
			await round(500);
			const before = await heap();
			await round(5_000);
			console.log(await heap() - before);`);
		assert.ok(Number(grown) < ALLOWED, `${grown} bytes`);
	});

	const cleared = (name, queue) =>
		test(`${name} that is cleared and left pending`, () => {
			assert.equal(
				run(`
						${PRELUDE}
						const one = pLimit(1);
						one(() => new Promise(() => {}));
						const lane = one.with({signal: shared.signal, queueTimeout: LONG});
						await turn();
						${queue}
						one.clearQueue();
						await turn();
						console.log(left());
						process.exit();`),
				'0 0',
			);
		});
	cleared('a call', 'lane(work);');
	cleared('a map', 'one.map([1, 2], work, {signal: shared.signal}); lane.map([1, 2], work);');
	cleared('a flight', "one.once('k', work); lane.once('k', work);");
});

describe('the process', () => {
	test('goes on for what is due to somebody who waits', () => {
		assert.equal(
			run(
				`
				const limit = pLimit(1);
				limit(() => new Promise(() => {}));
				const told = await limit.with({queueTimeout: 1})(() => {}).catch(({code}) => code);
				const other = pLimit(1);
				other.pauseFor(1);
				console.log(told, await other(() => 'ran'));`,
				{isStuck: true},
			),
			'ERR_QUEUE_TIMEOUT ran',
		);
	});

	test('ends where all has settled, however long the times were', () => {
		assert.equal(
			run(`
				${PRELUDE}
				await bound(work);
				await bound(fail).catch(() => {});
				await bound.map([1, 2, 3], work);
				for await (const x of bound.stream([1, 2, 3], work)) break;
				limit.pauseFor(LONG);
				limit.resume();
				limit.pauseFor(LONG);
				limit.resume();
				console.log(left());`),
			'0 0',
		);
	});

	test('ends where a limit is paused for a while and nobody waits', () => {
		assert.equal(
			run(`
					${PRELUDE}
					limit.pauseFor(LONG);
					console.log(left());
					process.exit();`),
			'0 0',
		);
	});
});
