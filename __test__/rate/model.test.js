'use strict';

// Random calls on limits of several windows, against a model that adds up what started: calls start in their order, at
// the first moment at which all quotas have what they cost, and what they have really cost is what counts. On a clock that
// is set by hand.

const {clock, pass, pLimit} = require('../hand.js');
const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {turns} = require('../flow/helpers.js');

const PROGRAMS = 40;
const STEPS = 25;

/** Random numbers that are the same in each run. */
const diceOf = seed => {
	let state = seed * 7919 + 1;
	return end => {
		state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
		return Math.floor((state / 0x80000000) * end);
	};
};

/** The windows of a limit as the documents tell them. Times are whole milliseconds since it was made. */
class Model {
	now = 0;
	/** Costs of calls that wait: what they ask for, and what they really cost. */
	waiting = [];
	/** When calls started: `{at, costs}`. */
	started = [];
	#rates;

	constructor(rates) {
		this.#rates = rates;
	}

	left() {
		return this.#rates.map(({limit, interval}, quota) => {
			const counted = this.started.filter(({at}) => at + interval > this.now);
			return limit - counted.reduce((sum, {costs}) => sum + costs[quota], 0);
		});
	}

	#mayStart(costs) {
		return this.left().every((left, quota) => {
			const {limit} = this.#rates[quota];
			return costs[quota] === 0 || left >= Math.min(costs[quota], limit);
		});
	}

	/** Calls get their slots by what they ask for. Then their functions run, one by one, and say what they have cost. */
	startAll() {
		let run = this.started.length;
		for (;;) {
			while (this.waiting.length > 0 && this.#mayStart(this.waiting[0].asked)) {
				const {asked, spent} = this.waiting.shift();
				this.started.push({at: this.now, costs: asked, spent});
			}

			if (run === this.started.length) {
				return;
			}

			const start = this.started[run++];
			start.costs = start.spent;
		}
	}

	pass(duration) {
		for (let passed = 0; passed < duration; passed++) {
			this.now++;
			this.startAll();
		}
	}
}

describe('several quotas', () => {
	for (let program = 0; program < PROGRAMS; program++) {
		test(`start and count as the model: program ${program}`, async () => {
			const dice = diceOf(program);
			const names = ['a', 'b', 'c'].slice(0, 1 + dice(3));
			const rates = names.map(() => ({limit: 3 + dice(12), interval: 20 + dice(200)}));
			const rate = Object.fromEntries(names.map((name, index) => [name, {...rates[index], window: 'sliding'}]));
			const limit = pLimit({concurrency: Number.POSITIVE_INFINITY, rate});
			const model = new Model(rates);
			const began = clock.now;
			const times = [];
			const calls = [];
			const byName = costs => Object.fromEntries(names.map((name, index) => [name, costs[index]]));

			const call = () => {
				const asked = names.map(() => dice(7));
				const spent = asked.map(cost => (dice(3) === 0 ? dice(7) : cost));
				model.waiting.push({asked, spent});
				const work = context => {
					times.push(Math.round(clock.now - began));
					context.settle(byName(spent));
				};
				calls.push(limit.run(work, {cost: byName(asked)}));
			};

			const check = () => {
				assert.deepEqual(
					times,
					model.started.map(({at}) => at),
				);
				const left = Object.values(limit.stats().rates).map(({available}) => available);
				assert.deepEqual(left, model.left());
				assert.equal(limit.pendingCount, model.waiting.length);
			};

			for (let step = 0; step < STEPS; step++) {
				if (dice(2) === 0) {
					call();
					await turns();
					model.startAll();
				} else {
					const duration = 1 + dice(60);
					await pass(limit, duration);
					model.pass(duration);
				}

				check();
			}

			while (model.waiting.length > 0) {
				await pass(limit, 100);
				model.pass(100);
				check();
			}

			await Promise.all(calls);
		});
	}
});
