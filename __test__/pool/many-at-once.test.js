'use strict';

// Many maps, streams and jobs that end together. Each must look only at what is its own: the work is counted, and twice
// as many take twice as much.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {MessageChannel} = require('node:worker_threads');
const {NativePool} = require('../../lib/binding/binding.js');
const {Jobs} = require('../../lib/pool/jobs.js');
const {open, openBoard, range, sleep, until} = require('./helpers.js');

/** Returns how often methods are called while `run` runs. */
const callsOf = async (prototype, names, run) => {
	const originals = names.map(name => [name, prototype[name]]);
	let calls = 0;
	for (const [name, original] of originals) {
		prototype[name] = function (...args) {
			calls++;
			return original.apply(this, args);
		};
	}

	try {
		await run();
	} finally {
		for (const [name, original] of originals) {
			prototype[name] = original;
		}
	}

	return calls;
};

const outcomes = promises => Promise.all(promises.map(promise => promise.catch(error => error)));

const starts = {
	maps: (pool, options) => pool.map([1, 2], options),
	streams: (pool, options) => pool.stream([1, 2], options).next(),
	jobs: (pool, options) => pool.run(1, options),
};

const ends = {
	'a signal aborts': (_, controller) => controller.abort(),
	'the pool is destroyed': pool => pool.destroy(),
	'the pool is closed by force': pool => {
		pool.close({force: true});
	},
};

describe('many that end together', () => {
	for (const [what, start] of Object.entries(starts)) {
		for (const [why, end] of Object.entries(ends)) {
			test(`${what}, because ${why}`, async t => {
				/** Ends so many, and returns how many jobs were looked at, and how often Rust was asked. */
				const lookedAt = async number => {
					const {board, pool} = openBoard(t, {minThreads: 1});
					const controller = new AbortController();
					const held = pool.run({id: 1, gate: 3}, {name: 'hold'});
					await board.saw(1);
					const all = range(0, number).map(() => start(pool, {signal: controller.signal}));
					const done = outcomes([held, ...all]);
					await sleep(1); // a stream pulls one item in a turn
					const run = async () => {
						const ended = end(pool, controller);
						board.open(3);
						const [, ...failures] = await done;
						assert.equal(failures.filter(outcome => outcome instanceof Error).length, number);
						await ended;
					};
					let looks;
					const crossings = await callsOf(
						NativePool.prototype,
						['cancel', 'drain', 'interrupt', 'running'],
						async () => {
							looks = await callsOf(Jobs.prototype, ['get', 'remove', 'numbers'], run);
						},
					);
					return looks + crossings;
				};

				const few = await lookedAt(50);
				const many = await lookedAt(100);
				assert.ok(many < 2.5 * few, `${few} looks for 50, ${many} for 100`);
			});
		}
	}

	test('neighbours of a job that exceeded its grace', async t => {
		/** Has so many neighbours end, and returns how often Rust listed the jobs of the thread. */
		const lists = async number => {
			const {board, pool} = openBoard(t, {concurrentTasksPerWorker: number + 1, abortGrace: 1});
			const neighbours = range(5, number).map(gate => [gate, pool.run({id: gate, gate}, {name: 'holdAsync'})]);
			const stuck = pool.run({id: 1, gate: 4, ends: false}, {name: 'heed', timeout: 1});
			await assert.rejects(stuck, {code: 'ERR_TASK_TIMEOUT'});
			const [worker] = pool.threads;
			const calls = await callsOf(NativePool.prototype, ['running'], async () => {
				await until(() => board.log.includes(-1));
				await until(() => pool.threads.length === 1);
				await sleep(20); // the grace has passed
				for (const [gate, neighbour] of neighbours) {
					board.open(gate);
					await neighbour;
				}

				await until(() => pool.threads[0] !== worker);
			});
			return calls;
		};

		const few = await lists(10);
		const many = await lists(40);
		assert.ok(many <= few + 1, `${few} lists for 10 neighbours, ${many} for 40`);
	});
});

test('a transfer list is not searched for each of its objects', async t => {
	const pool = open(t);
	const ports = range(0, 100).flatMap(() => {
		const {port1, port2} = new MessageChannel();
		return [port1, port2];
	});
	const {includes} = Array.prototype;
	let searches = 0;
	Array.prototype.includes = function (...args) {
		searches += this.length === ports.length ? 1 : 0;
		return includes.apply(this, args);
	};
	try {
		const sent = pool.run(ports, {name: 'nothing', transferList: ports});
		assert.ok(searches < 10, `${searches} searches`);
		await sent;
	} finally {
		Array.prototype.includes = includes;
	}
});
