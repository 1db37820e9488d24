'use strict';

// What every thread does: in turn whatever chance will have, at limits that all share, with pools and with kernels.

const {createHash} = require('node:crypto');
const path = require('node:path');
const {setTimeout: sleep} = require('node:timers/promises');
const pLimit = require('../../index.js');
const {LIMITS} = require('./counts.js');

const {Pool, compress, decompress, hash} = pLimit;

/** What a call may come to if it does not succeed. */
const EXPECTED = new Set([
	'ERR_WORKER_CRASHED',
	'ERR_TASK_TIMEOUT',
	'ERR_POOL_CLOSED',
	'ERR_QUEUE_TIMEOUT',
	'ERR_DEADLOCK',
	'AbortError',
	'planned',
]);

const isExpected = error => EXPECTED.has(error?.code) || EXPECTED.has(error?.name) || EXPECTED.has(error?.message);

const turn = () => new Promise(setImmediate);

/** A thread's load. */
class Load {
	#counts;
	#thread;
	#chance;
	#limits;
	#keyed;
	#keys = new Map();
	#pool;

	constructor({counts, thread, chance}) {
		this.#counts = counts;
		this.#thread = thread;
		this.#chance = chance;
		this.#limits = Object.fromEntries(
			Object.entries(LIMITS).map(([name, options]) => [name, pLimit({name, ...options})]),
		);
		this.#keyed = pLimit.keyed({
			concurrency: 2,
			reserve: 0,
			rejectOnClear: true,
			idleTimeout: 20,
			total: {name: 'total', ...LIMITS.total},
		});
	}

	get limits() {
		return this.#limits;
	}

	get pool() {
		return this.#pool;
	}

	/** Opens a pool that jobs go to. */
	openPool(options) {
		this.#pool = new Pool({
			filename: path.join(__dirname, 'job.js'),
			workerData: {memory: this.#counts.memory},
			maxThreads: 1,
			abortGrace: 100,
			...options,
		});
		// A worker that is killed while it starts is told of there.
		this.#pool.on('error', () => {});
		return this.#pool;
	}

	/** Counts a call; what it may not come to is a fault. */
	#call(what, make) {
		return this.#counts.track(this.#thread, make).catch(error => {
			if (!isExpected(error)) {
				this.#counts.fault(this.#thread, `${what}: ${error?.stack ?? error}`);
			}
		});
	}

	async #work() {
		for (let microtasks = this.#chance(10); microtasks > 0; microtasks--) {
			await null;
		}

		if (this.#chance(3) === 0) {
			await turn();
		}

		if (this.#chance(40) === 0) {
			await sleep(1);
		}

		if (this.#chance(50) === 0) {
			throw new Error('planned');
		}
	}

	/** A task of a shared limit. */
	#task(name, given = {}, inner = () => {}) {
		return () =>
			this.#counts.during(name, this.#thread, given, async () => {
				try {
					await this.#work();
				} catch (error) {
					// Counted down first, as the census asks.
					return error;
				}

				return inner();
			});
	}

	#plain() {
		const chance = this.#chance;
		const limit = this.#limits.plain;
		const isOffline = chance(2) === 0;
		const weight = chance(6) === 0 ? 2 : 1;
		const lane = isOffline ? limit.offline : limit.online;
		const task = this.#task('plain', {weight, isOffline});
		const one = this.#task('plain', {isOffline});
		switch (chance(8)) {
			case 0:
				return this.#call('map', () => lane.map(Array(chance(40)), one));
			case 1:
				return this.#call('stream', async () => {
					for await (const _ of lane.stream(Array(chance(30)), one)) {
						if (chance(20) === 0) {
							break;
						}
					}
				});
			case 2: {
				const controller = new AbortController();
				setImmediate(() => controller.abort());
				return this.#call('aborted call', () => lane.with({weight, signal: controller.signal})(task));
			}

			case 3:
				return this.#call('queue timeout', () => lane.with({weight, queueTimeout: 1 + chance(5)})(task));
			case 4:
				limit.clearQueue({everywhere: chance(4) === 0});
				return null;
			case 5:
				limit.pauseFor(1);
				return null;
			case 6:
				return this.#call('settle', () => lane.settle(Array(chance(20)), one));
			default:
				return Promise.all(Array.from({length: chance(20)}, () => this.#call('call', () => lane.with({weight})(task))));
		}
	}

	#rated() {
		const task = this.#task('rated');
		return this.#call('rated call', () =>
			this.#limits.rated.with({queueTimeout: 200})(() => {
				this.#counts.start(this.#thread);
				return task();
			}),
		);
	}

	#nested() {
		const name = this.#chance(2) === 0 ? 'lend' : 'detect';
		const limit = this.#limits[name];
		// What is nested in `lend` has its caller's slot, or one that is free; it is not counted again.
		const inner = name === 'lend' ? () => this.#work().catch(() => {}) : this.#task(name);
		const inside = () =>
			Promise.allSettled([limit(inner), limit.map([1, 2], inner)]).then(outcomes => {
				for (const {reason} of outcomes) {
					if (reason !== undefined && !isExpected(reason)) {
						this.#counts.fault(this.#thread, `nested call: ${reason.stack}`);
					}
				}
			});
		return this.#call(`nested (${name})`, () => limit(this.#task(name, {}, inside)));
	}

	#byKey() {
		const key = this.#chance(10);
		const task = this.#task('total');
		return this.#call('keyed call', () =>
			this.#keyed(key)(async () => {
				const running = (this.#keys.get(key) ?? 0) + 1;
				this.#keys.set(key, running);
				if (running > 2) {
					this.#counts.fault(this.#thread, `${running} calls of one key`);
				}

				await task();
				this.#keys.set(key, this.#keys.get(key) - 1);
			}),
		);
	}

	#adaptive() {
		return this.#call('adaptive call', () => this.#limits.adaptive(this.#task('adaptive')));
	}

	#own() {
		const limit = pLimit({concurrency: 2, rejectOnClear: true});
		const retry = {retries: 2, minTimeout: 1};
		return this.#call('retried call', () => limit.with({retry, timeout: 500})(() => this.#work()));
	}

	#job() {
		const pool = this.#pool;
		if (pool === undefined) {
			return null;
		}

		const chance = this.#chance;
		const ways = ['spin', 'wait', 'throw', 'signal', 'echo', 'none', 'none', 'none', 'exit'];
		const job = () => {
			const way = ways[chance(chance(5) === 0 ? ways.length : ways.length - 1)];
			const id = this.#counts.newJob();
			const payload = [undefined, 'text', new Uint8Array(chance(5000)), {a: [1, null]}, new Map([[1, new Date()]])];
			return {id, way, payload: payload[chance(payload.length)]};
		};
		const one = task => {
			const options = task.way === 'signal' ? {timeout: 5} : {};
			return pool.run(task, {...options, lane: chance(2) === 0 ? 'online' : 'offline'}).then(result => {
				if ((result?.id ?? result) !== task.id || this.#counts.jobs[task.id] !== 1) {
					this.#counts.fault(
						this.#thread,
						`the job ${task.id} has run ${this.#counts.jobs[task.id]} times and gave ${result}`,
					);
				}
			});
		};
		if (chance(4) === 0) {
			const tasks = Array.from({length: chance(30)}, () => ({...job(), way: 'none'}));
			return this.#call('pool.map', async () => {
				const results = await pool.map(tasks);
				if (results.some((result, index) => result !== tasks[index].id)) {
					this.#counts.fault(this.#thread, 'results of a map are not those of its tasks');
				}
			});
		}

		return Promise.all(Array.from({length: chance(8)}, () => this.#call('pool.run', () => one(job()))));
	}

	#kernel() {
		const chance = this.#chance;
		const data = Buffer.alloc(1 + chance(100_000), `${chance(1000)} `);
		if (chance(2) === 0) {
			return this.#call('hash', async () => {
				const digests = await hash.map('sha256', [data, 'text', data], {encoding: 'hex'});
				if (digests[2] !== createHash('sha256').update(data).digest('hex')) {
					this.#counts.fault(this.#thread, `a hash of ${data.length} bytes is wrong`);
				}
			});
		}

		const format = ['gzip', 'brotli', 'zstd'][chance(3)];
		return this.#call('compress', async () => {
			const controller = new AbortController();
			const {signal} = controller;
			if (chance(4) === 0) {
				setImmediate(() => controller.abort());
			}

			const back = await decompress(format, await compress(format, data, {level: 1, signal}), {signal});
			if (!back.equals(data)) {
				this.#counts.fault(this.#thread, `${format} has not given ${data.length} bytes back`);
			}
		});
	}

	/** Does one thing, and resolves when it is done. */
	step() {
		const ways = [
			() => this.#plain(),
			() => this.#plain(),
			() => this.#plain(),
			() => this.#rated(),
			() => this.#nested(),
			() => this.#nested(),
			() => this.#byKey(),
			() => this.#byKey(),
			() => this.#adaptive(),
			() => this.#own(),
			() => this.#job(),
			() => this.#kernel(),
		];
		return ways[this.#chance(ways.length)]();
	}

	/** Does one thing after another, several at a time, until it is over. */
	async run(isOver) {
		const go = async () => {
			while (!isOver()) {
				await this.step();
				await turn();
			}
		};
		await Promise.all(Array.from({length: 16}, go));
	}
}

module.exports = {LIMITS, Load, sleep, turn};
