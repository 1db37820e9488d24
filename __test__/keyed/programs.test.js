'use strict';

// Random programs on keyed limits with a fair total, against a small model: who runs, in which order within a key, that
// keys which wait get equal parts by their shares, and that nothing is lost.

const {pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {test} = require('node:test');
const fc = require('fast-check');
const {turn} = require('./board.js');

const SHARES = {a: 1, b: 3, c: 0.5};
const KEYS = Object.keys(SHARES);
const LANES = ['online', 'offline'];
const ALL = Number.POSITIVE_INFINITY;

/** What two keys that both wait have started, each by its share: how far the difference has spread. */
class Pair {
	#difference = 0;
	#lowest = 0;
	#highest = 0;

	add(part) {
		this.#difference += part;
		this.#lowest = Math.min(this.#lowest, this.#difference);
		this.#highest = Math.max(this.#highest, this.#difference);
	}

	get spread() {
		return this.#highest - this.#lowest;
	}
}

/** One lane of the total: its queues by key, and what has been started of them. */
class ModelLane {
	#queues = Object.fromEntries(KEYS.map(key => [key, []]));
	/** By key: the largest call since it waits. */
	#largest = {};
	/** By two keys that wait. */
	#pairs = new Map();

	get waiting() {
		return KEYS.flatMap(key => this.#queues[key]);
	}

	#watch() {
		for (const key of KEYS) {
			const sizes = this.#queues[key].map(({weight}) => weight);
			this.#largest[key] = sizes.length === 0 ? undefined : Math.max(this.#largest[key] ?? 0, ...sizes);
		}

		for (const [one, other] of [
			['a', 'b'],
			['a', 'c'],
			['b', 'c'],
		]) {
			const name = one + other;
			if (this.#largest[one] === undefined || this.#largest[other] === undefined) {
				this.#pairs.delete(name);
			} else if (!this.#pairs.has(name)) {
				this.#pairs.set(name, new Pair());
			}
		}
	}

	enqueue(call) {
		const queue = this.#queues[call.key];
		const behind = queue.findIndex(({priority}) => priority < call.priority);
		queue.splice(behind < 0 ? queue.length : behind, 0, call);
		this.#watch();
	}

	start(id) {
		const call = this.waiting.find(waiting => waiting.id === id);
		assert.equal(this.#queues[call.key][0], call, 'by priority, then in order, within a key');
		for (const [name, pair] of this.#pairs) {
			if (name.includes(call.key)) {
				const part = call.weight / SHARES[call.key];
				pair.add(name.startsWith(call.key) ? part : -part);
				const [one, other] = [...name].map(key => this.#largest[key] / SHARES[key]);
				assert.ok(pair.spread <= 1 + one + other + 1e-6, `${name}: ${pair.spread} > 1 + ${one} + ${other}`);
			}
		}

		this.drop(id);
		return call;
	}

	drop(id) {
		for (const key of KEYS) {
			this.#queues[key] = this.#queues[key].filter(call => call.id !== id);
		}

		this.#watch();
	}
}

class Run {
	#concurrency;
	#limits;
	#lanes = {online: new ModelLane(), offline: new ModelLane()};
	#ids = 0;
	/** Ids of calls that began since the last comparison. */
	#begun = [];
	/** By id of a call that runs: its weight, and what ends it. */
	#running = new Map();
	/** By id: what aborts a call that waits. */
	#controllers = new Map();
	#isPaused = false;
	#promises = [];

	constructor(concurrency) {
		this.#concurrency = concurrency;
		this.#limits = pLimit.keyed({
			concurrency: ALL,
			total: {concurrency, reserve: 0, offlineShare: 0},
			fair: true,
			share: key => SHARES[key],
		});
	}

	call({key, lane, priority, weight}) {
		const id = this.#ids++;
		const controller = new AbortController();
		this.#controllers.set(id, controller);
		const own = Math.min(weight, this.#concurrency);
		this.#lanes[lane].enqueue({id, key, lane, priority, weight: own});
		const options = {lane, priority, weight: own, signal: controller.signal};
		const work = () => {
			this.#begun.push(id);
			return new Promise(resolve => {
				this.#running.set(id, {weight: own, resolve});
			});
		};
		this.#promises.push(
			this.#limits(key)
				.with(options)(work)
				.catch(error => error.name),
		);
	}

	calls({times, ...call}) {
		for (let made = 0; made < times; made++) {
			this.call(call);
		}
	}

	end({which}) {
		const id = [...this.#running.keys()][which % this.#running.size];
		if (id !== undefined) {
			this.#running.get(id).resolve('done');
			this.#running.delete(id);
		}
	}

	abort({which}) {
		const waiting = LANES.flatMap(lane => this.#lanes[lane].waiting);
		const call = waiting[which % waiting.length];
		if (call !== undefined) {
			this.#controllers.get(call.id).abort();
			this.#lanes[call.lane].drop(call.id);
		}
	}

	pause() {
		this.#limits.total.pause();
		this.#isPaused = true;
	}

	resume() {
		this.#limits.total.resume();
		this.#isPaused = false;
	}

	#compare() {
		for (const id of this.#begun.splice(0)) {
			const lane = LANES.find(lane => this.#lanes[lane].waiting.some(call => call.id === id));
			this.#lanes[lane].start(id);
			assert.ok(!this.#isPaused);
			if (lane === 'offline') {
				// A heavy head waits for its slots; what is left beside them is for the other lane.
				const {waiting} = this.#lanes.online;
				assert.ok(waiting.length === 0 || waiting.some(({weight}) => weight > 1), 'online first');
			}
		}

		const held = [...this.#running.values()].reduce((sum, {weight}) => sum + weight, 0);
		assert.ok(held <= this.#concurrency);
		const waiting = LANES.flatMap(lane => this.#lanes[lane].waiting);
		const heaviest = Math.max(0, ...waiting.map(({weight}) => weight));
		assert.ok(this.#isPaused || heaviest === 0 || held + heaviest > this.#concurrency, 'it waits for nothing');
		assert.equal(this.#limits.total.pendingCount, waiting.length);
		assert.equal(this.#limits.total.activeCount, this.#running.size);
		assert.equal(this.#limits.activeCount, waiting.length + this.#running.size);
	}

	async take(step) {
		this[step.do](step);
		await turn();
		this.#compare();
	}

	async finish() {
		await this.take({do: 'resume'});
		while (this.#running.size > 0) {
			await this.take({do: 'end', which: 0});
		}

		const outcomes = await Promise.all(this.#promises);
		assert.deepEqual(
			outcomes.filter(outcome => outcome !== 'done' && outcome !== 'AbortError'),
			[],
		);
		await this.#limits.onIdle();
		assert.equal(this.#limits.stats().total.online.active, 0);
	}
}

const call = {
	key: fc.constantFrom(...KEYS),
	lane: fc.constantFrom('online', 'online', 'offline'),
	priority: fc.constantFrom(0, 0, 1, -1),
	weight: fc.constantFrom(1, 1, 2, 3),
};

const step = fc.oneof(
	{weight: 4, arbitrary: fc.record({do: fc.constant('call'), ...call})},
	{weight: 3, arbitrary: fc.record({do: fc.constant('calls'), times: fc.integer({min: 2, max: 12}), ...call})},
	{weight: 14, arbitrary: fc.record({do: fc.constant('end'), which: fc.nat()})},
	{weight: 2, arbitrary: fc.record({do: fc.constant('abort'), which: fc.nat()})},
	{weight: 1, arbitrary: fc.record({do: fc.constant('pause')})},
	{weight: 2, arbitrary: fc.record({do: fc.constant('resume')})},
);

test('random programs keep the rules of a fair total', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.integer({min: 1, max: 5}),
			fc.array(step, {minLength: 1, maxLength: 60, size: 'max'}),
			async (concurrency, steps) => {
				const run = new Run(concurrency);
				for (const step of steps) {
					await run.take(step);
				}

				await run.finish();
			},
		),
		{numRuns: Number(process.env.MODEL_RUNS ?? 300)},
	);
});
