'use strict';

// A rate on the system's clock: never too early, whatever the event loop does, and nothing that keeps the process alive
// once nobody waits.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {run} = require('../script.js');
const {newName, open} = require('../shared/helpers.js');

/** A second: slow enough that two calls in a row find one token. */
const fifty = {limit: 50, interval: 1000};

describe('on the clock', () => {
	test('a busy event loop is not given more than it could begin in time', async () => {
		const [rate, interval] = [20, 100];
		const limit = pLimit({concurrency: Number.POSITIVE_INFINITY, rate: {limit: rate, interval}});
		const begun = [];
		const all = Array.from({length: 40}, () =>
			limit(() => {
				begun.push(performance.now());
			}),
		);
		await new Promise(resolve => {
			setTimeout(resolve, 20);
		});
		const free = performance.now() + 100;
		while (performance.now() < free) {
			// Busy: time passes for 20 more.
		}

		await Promise.all(all);
		for (const [index, at] of begun.entries()) {
			const within = begun.slice(index).filter(later => later - at < interval).length;
			assert.ok(within <= rate + 2, `${within} within ${interval} ms, from the ${index}th on`);
		}
	});

	test('none starts before its time', async () => {
		const interval = 50;
		const limit = pLimit({concurrency: 4, rate: {limit: 10, interval, burst: 3}});
		const began = performance.now();
		const starts = await limit.map(Array.from({length: 20}), () => performance.now() - began);
		for (const [index, at] of starts.entries()) {
			const earliest = (index - 2) * (interval / 10);
			assert.ok(at >= earliest, `${index}: ${at} before ${earliest}`);
		}
	});

	test('nor with a rate of parts of milliseconds', async () => {
		const limit = pLimit({concurrency: 1, rate: {limit: 2000, interval: 1000}});
		const began = performance.now();
		await limit.map(Array.from({length: 41}), () => {});
		assert.ok(performance.now() - began >= 20);
	});

	for (const [whose, share] of [
		['its own', async () => ({})],
		[
			'one that other threads have, and want nothing of',
			async t => {
				const {threads} = open(t);
				const given = {name: newName(), concurrency: 3, rate: fifty};
				await threads[0].run(({pLimit, own}, given) => {
					own.limit = pLimit(given);
				}, given);
				return given;
			},
		],
	]) {
		test(`time goes on while the event loop is busy, for one slot of a limit: ${whose}`, async t => {
			const limit = pLimit({concurrency: 3, rate: fifty, ...(await share(t))});
			// What is due is due in its order: when this has its second slot, the other limit would have its third.
			const later = pLimit({concurrency: 3, rate: {limit: 10, interval: 1000}});
			const calls = [limit, limit, limit, later, later].map(one => one(() => {}));
			while (later.stats().online.granted < 2) {
				// Busy: whoever could begin nothing is given nothing more.
			}

			assert.deepEqual([limit.activeCount, limit.pendingCount], [2, 1]);
			await Promise.all(calls);
		});
	}

	test('nobody waits for a busy event loop', async t => {
		const {board, threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 4, reserve: 0, rate: {limit: 1000, interval: 1000}});
		await threads[0].run(({pLimit, own}, name) => {
			own.limit = pLimit({name});
		}, name);
		const calls = [1, 2, 3].map(() => limit(() => board.note(1)));
		calls.push(threads[0].run(({own, board}) => own.limit(() => board.note(2))));
		while (board.length === 0) {
			// Busy, with calls that wait and slots that nobody was told of.
		}

		assert.deepEqual(board.log, [2]);
		await Promise.all(calls);
	});

	test('wakes those who wait in each of several threads', async t => {
		const {board, threads} = open(t, 2);
		const name = newName();
		const limit = pLimit({name, concurrency: 8, rate: {limit: 20, interval: 200}});
		for (const thread of threads) {
			await thread.run(({pLimit, own, board}, name) => {
				own.limit = pLimit({name});
				for (let call = 0; call < 3; call++) {
					own.limit(() => board.note(call));
				}
			}, name);
		}

		// Nobody here asks for anything.
		await board.reaches(6);
		assert.equal(limit.pendingCount, 0);
	});

	test('wakes who waits in another thread for what a new rate makes soon', async t => {
		const {board, threads} = open(t, 2);
		const name = newName();
		const ages = {limit: 1, interval: 2 ** 31 - 1};
		const limit = pLimit({name, concurrency: 8, maxQueue: {online: 0}, rate: ages});
		await limit(() => {});
		const offline = ({pLimit, own, board}, name) => {
			own.limit = pLimit({name});
			own.limit.offline(() => board.note(1));
		};
		await threads[0].run(offline, name);
		limit.rate = {limit: 1000, interval: 1};
		await board.reaches(1);
		limit.rate = ages;
		limit.charge(1);
		await threads[1].run(({pLimit, own}, name) => {
			own.limit = pLimit({name});
			own.ready = own.limit.ready();
		}, name);
		limit.rate = {limit: 1000, interval: 1};
		await threads[1].run(({own}) => own.ready);
	});

	test('a call inside a task takes its tokens, too', async () => {
		const limit = pLimit({concurrency: 1, nested: 'lend', rate: {limit: 1, interval: 2 ** 31 - 1, burst: 2}});
		const outer = limit(async () => {
			const inner = [limit(() => 'inner'), limit.with({queueTimeout: 1})(() => assert.fail('there is no token'))];
			return Promise.allSettled(inner);
		});
		const [first, second] = await outer;
		assert.equal(first.value, 'inner');
		assert.equal(second.reason.code, 'ERR_QUEUE_TIMEOUT');
	});
});

describe('the process', () => {
	test('is kept alive while calls wait for the rate', () => {
		const printed = run(`
			const limit = pLimit({concurrency: 2, rate: {limit: 20, interval: 100}});
			for (let call = 0; call < 5; call++) limit(() => console.log(call));
			process.on('exit', () => console.log(limit.pendingCount));`);
		assert.deepEqual(printed.split('\n'), ['0', '1', '2', '3', '4', '0']);
	});

	test('is kept alive while somebody waits for room that time makes', () => {
		for (const options of ['rate: {limit: 20, interval: 100}', "name: 'a', rate: {limit: 20, interval: 100}"]) {
			const printed = run(`
				const limit = pLimit({concurrency: 2, maxQueue: 0, ${options}});
				limit(() => {});
				limit.ready().then(() => limit(() => console.log('ran')));`);
			assert.equal(printed, 'ran');
		}

		const printed = run(`
			const limit = pLimit({concurrency: 2, maxQueue: 0});
			limit.pauseFor(10);
			limit.ready().then(() => limit(() => console.log('ran')));`);
		assert.equal(printed, 'ran');
	});

	for (const [what, body] of [
		['once they have run', 'await limit(() => {});'],
		['where none ever came', ''],
		['where they were cleared', 'limit(() => {}); limit(() => {}); limit.clearQueue();'],
		[
			'where they were aborted',
			`const controller = new AbortController();
			limit(() => {});
			limit.with({signal: controller.signal})(() => {}).catch(() => {});
			controller.abort();`,
		],
		['in a pause that nobody can end', 'limit(() => {}); limit(() => {}); await null; limit.pause();'],
	]) {
		test(`is not ${what}`, () => {
			const printed = run(
				`
				const limit = pLimit({concurrency: 2, rate: {limit: 1, interval: 2 ** 31 - 1}});
				process.on('exit', () => console.log('ended'));
				${body}`,
				{isStuck: what.startsWith('in a pause')},
			);
			assert.equal(printed, 'ended');
		});
	}
});
