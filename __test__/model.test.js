'use strict';

// Random programs against a small model of the lane policy: who runs, who waits, in which order, and that nothing is
// lost or run twice.

const assert = require('node:assert/strict');
const {test} = require('node:test');
const {setImmediate: turn} = require('node:timers/promises');
const fc = require('fast-check');
const pLimit = require('p-lanes');

/** The policy as README and DESIGN tell it, with plain arrays. `queues` hold the ids of units. */
class Model {
	started = [];
	active = {online: [], offline: []};
	queues = {online: [], offline: []};
	credit = 0;

	constructor({concurrency, reserve, offlineShare}) {
		Object.assign(this, {concurrency, givenReserve: reserve, share: offlineShare ?? 1 / 16});
	}

	get reserve() {
		return this.givenReserve ?? (this.concurrency > 1 ? 1 : 0);
	}

	mayRun(lane) {
		const {online, offline} = this.active;
		return (
			this.queues[lane].length > 0 &&
			online.length + offline.length < this.concurrency &&
			(lane === 'online' || offline.length < this.concurrency - this.reserve)
		);
	}

	next() {
		const offline = this.mayRun('offline');
		if (this.mayRun('online')) {
			return offline && this.share > 0 && this.credit + this.share >= 1 ? 'offline' : 'online';
		}

		return offline ? 'offline' : undefined;
	}

	grantAll() {
		for (let lane = this.next(); lane !== undefined; lane = this.next()) {
			const id = this.queues[lane].shift();
			this.active[lane].push(id);
			this.started.push(id);
			if (lane === 'offline') {
				this.credit = Math.max(0, this.credit + this.share - 1);
			} else if (this.queues.offline.length > 0) {
				this.credit = Math.min(1, this.credit + this.share);
			}

			this.forgetCredit();
		}
	}

	forgetCredit() {
		if (this.queues.offline.length === 0) {
			this.credit = 0;
		}
	}

	enqueue(lane, ids) {
		this.queues[lane].push(...ids);
		this.grantAll();
	}

	end(id) {
		for (const lane of ['online', 'offline']) {
			this.active[lane] = this.active[lane].filter(other => other !== id);
		}

		this.grantAll();
	}

	clear(lanes) {
		const dropped = lanes.flatMap(lane => this.queues[lane].splice(0));
		this.forgetCredit();
		return dropped;
	}
}

const LANES = ['online', 'offline'];
const lane = fc.constantFrom(...LANES);

const step = fc.oneof(
	{weight: 5, arbitrary: fc.record({do: fc.constant('call'), lane})},
	{weight: 2, arbitrary: fc.record({do: fc.constant('map'), lane, units: fc.nat(6)})},
	{
		weight: 8,
		arbitrary: fc.record({do: fc.constant('end'), which: fc.nat(), how: fc.constantFrom('fulfil', 'reject')}),
	},
	{weight: 1, arbitrary: fc.record({do: fc.constant('clear'), of: fc.constantFrom(['online'], ['offline'], LANES)})},
	{weight: 1, arbitrary: fc.record({do: fc.constant('concurrency'), to: fc.integer({min: 1, max: 6})})},
);

const options = fc
	.record({
		concurrency: fc.integer({min: 1, max: 6}),
		reserve: fc.option(fc.nat(5), {nil: undefined}),
		offlineShare: fc.constantFrom(undefined, 0, 0.25, 0.5, 1),
	})
	.filter(({concurrency, reserve = 0}) => reserve < concurrency);

const check = async (given, steps) => {
	const limit = pLimit({...given, rejectOnClear: true});
	const model = new Model(given);
	const started = [];
	const running = new Map();
	const expected = new Map();
	const actual = new Map();
	let ids = 0;

	/** A unit that runs until it is told how to end. */
	const work = id => {
		started.push(id);
		return new Promise((resolve, reject) => {
			running.set(id, {fulfil: () => resolve(id), reject: () => reject(id)});
		});
	};

	const watch = (key, promise) => {
		promise.then(
			value => actual.set(key, value),
			error => actual.set(key, {rejected: error?.name ?? error}),
		);
	};

	/** By unit: the map it belongs to. */
	const maps = new Map();
	const settle = (id, outcome) => {
		const map = maps.get(id);
		if (map === undefined) {
			expected.set(id, outcome);
		} else if (!expected.has(map)) {
			map.left--;
			if (typeof outcome === 'object') {
				expected.set(map, outcome);
			} else if (map.left === 0) {
				expected.set(map, map.units);
			}
		}
	};

	const doings = {
		call({lane}) {
			const id = ids++;
			watch(id, limit[lane](work, id));
			model.enqueue(lane, [id]);
		},
		map({lane, units}) {
			const batch = Array.from({length: units}, () => ids++);
			const map = {units: batch, left: units};
			for (const id of batch) {
				maps.set(id, map);
			}

			if (units === 0) {
				expected.set(map, []);
			}

			watch(map, limit[lane].map(batch, work));
			model.enqueue(lane, batch);
		},
		end({which, how}) {
			const id = [...running.keys()][which % running.size];
			if (id !== undefined) {
				running.get(id)[how]();
				running.delete(id);
				settle(id, how === 'fulfil' ? id : {rejected: id});
				model.end(id);
			}
		},
		clear({of}) {
			(of.length === 1 ? limit[of[0]] : limit).clearQueue();
			for (const id of model.clear(of)) {
				settle(id, {rejected: 'AbortError'});
			}
		},
		concurrency({to}) {
			if (to <= (given.reserve ?? 0)) {
				assert.throws(
					() => {
						limit.concurrency = to;
					},
					{code: 'ERR_INVALID_ARG'},
				);
			} else {
				limit.concurrency = to;
				model.concurrency = to;
				model.grantAll();
			}
		},
	};

	const compare = () => {
		assert.deepEqual(started, model.started);
		for (const name of LANES) {
			assert.equal(limit[name].activeCount, model.active[name].length);
			assert.equal(limit[name].pendingCount, model.queues[name].length);
			assert.equal(limit.stats()[name].granted, model.started.length - startedElsewhere(name));
		}

		assert.equal(limit.activeCount, running.size);
		assert.deepEqual(new Map(actual), new Map(expected));
	};

	const lanesOf = new Map();
	const startedElsewhere = name => model.started.filter(id => lanesOf.get(id) !== name).length;

	for (const each of steps) {
		const before = ids;
		doings[each.do](each);
		for (let id = before; id < ids; id++) {
			lanesOf.set(id, each.lane);
		}

		await turn();
		compare();
	}

	// In the end all that was taken has run, in order, and once.
	while (running.size > 0) {
		doings.end({which: 0, how: 'fulfil'});
		await turn();
	}

	compare();
	assert.equal(new Set(started).size, started.length);
	assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
};

test('random programs behave as the model says', async () => {
	await fc.assert(fc.asyncProperty(options, fc.array(step, {minLength: 1, maxLength: 60}), check), {
		numRuns: Number(process.env.MODEL_RUNS ?? 500),
	});
});
