'use strict';

// Runs a program on a limit and on the model, and compares both after every step.

const assert = require('node:assert/strict');
const {getEventListeners} = require('node:events');
const {setImmediate: turn} = require('node:timers/promises');
const {Clock} = require('../clock.js');

const clock = new Clock().install();
const pLimit = require('p-lanes');

const {LANES, Model} = require('./model.js');
const {SIGNALS} = require('./steps.js');

const told = error => ({rejected: typeof error?.code === 'string' ? error.code : (error?.name ?? error)});

/** What the options of a step are for `with`; nothing where there are none. */
const bindingOf = ({priority, weight, signal, queueTimeout, timeout}, controllers) =>
	priority === undefined ? undefined : {priority, weight, signal: controllers[signal]?.signal, queueTimeout, timeout};

class Run {
	#limit;
	#model;
	#reserve;
	#controllers = SIGNALS.map(() => new AbortController());
	#aborts = 0;
	#ids = 0;

	/** Ids in the order that they began. */
	#started = [];
	/** Ids of slots that were acquired. */
	#slots = new Set();
	/** By id of a unit that runs: what ends it. */
	#running = new Map();
	/** By id: the lane of the unit. */
	#laneOf = new Map();
	/** By id, of units of a map: the map. */
	#mapOf = new Map();
	/** Ids of the calls that have handles, with what these are. */
	#held = new Map();
	#cancels = 0;
	/** By signal: what is given up when it aborts. */
	#watching = SIGNALS.map(() => new Set());

	/** By id or map: what its caller is told. */
	#expected = new Map();
	#actual = new Map();

	constructor(given, seen) {
		// Own time for every program: nobody waits for what an earlier one has left.
		clock.install();
		this.seen = seen;
		this.#limit = pLimit({...given, rejectOnClear: true});
		this.#model = new Model(given);
		this.#reserve = given.reserve;
	}

	/** A unit that runs until it is told how to end. */
	#work = id => {
		this.#started.push(id);
		return new Promise((resolve, reject) => {
			this.#running.set(id, {fulfil: () => resolve(id), reject: () => reject(id)});
		});
	};

	#watch(key, promise) {
		promise.then(
			value => this.#actual.set(key, value),
			error => this.#actual.set(key, told(error)),
		);
	}

	/** A unit has come to something; what its caller knows already stays so. */
	#settle(id, outcome) {
		const map = this.#mapOf.get(id);
		const key = map ?? id;
		if (this.#expected.has(key)) {
			return;
		}

		if (map === undefined || typeof outcome === 'object') {
			this.#expected.set(key, outcome);
			this.seen.add(outcome.rejected ?? 'fulfilled');
		} else {
			map.left--;
			if (map.left === 0) {
				this.#expected.set(map, map.units);
			}
		}
	}

	#enqueue(key, ids, step, queue, watch = (of, promise) => this.#watch(of, promise)) {
		const {lane, priority = 0, weight = 1, signal, queueTimeout, timeout} = step;
		const units = ids.map(id => ({id, priority, weight, queueTimeout, timeout}));
		for (const id of ids) {
			this.#laneOf.set(id, lane);
		}

		const given = bindingOf(step, this.#controllers);
		if (!this.#model.letsIn(lane, weight)) {
			assert.throws(() => this.#limit[lane].with(given), {code: 'ERR_INVALID_ARG'});
			this.#expected.delete(key);
			this.seen.add('ERR_INVALID_ARG');
			return;
		}

		watch(key, queue(given === undefined ? this.#limit[lane] : this.#limit[lane].with(given)));
		const {refusal, displaced} = units.length === 0 ? {} : this.#model.arrival(lane, units);
		if (refusal === undefined) {
			if (units.length > 0) {
				this.#model.enqueue(lane, units, displaced);
				for (const id of displaced) {
					this.#settle(id, {rejected: 'ERR_DROPPED'});
				}
			}

			if (signal !== undefined) {
				this.#watching[signal].add(key);
			}
		} else {
			this.#expected.set(key, {rejected: refusal});
			this.seen.add(refusal);
		}
	}

	call(step) {
		const id = this.#ids++;
		this.#enqueue(id, [id], step, lane => {
			if (!step.isHeld) {
				return lane(this.#work, id);
			}

			const handle = lane.run(() => this.#work(id), {id});
			this.#held.set(id, {handle, lane: step.lane, priority: step.priority ?? 0, weight: step.weight ?? 1});
			return handle;
		});
	}

	#anyHeld(which) {
		const ids = [...this.#held.keys()];
		const id = ids[which % ids.length];
		return {id, ...this.#held.get(id)};
	}

	/** Moves a call that has a handle; one that does not wait stays what it is. */
	move({which, lane: to, priority}) {
		const {id, handle, lane, weight} = this.#anyHeld(which);
		if (handle === undefined) {
			return;
		}

		const waits = handle.state === 'waiting';
		if (to !== undefined && waits && to !== lane && !this.#model.letsIn(to, weight)) {
			assert.throws(
				() => {
					handle.lane = to;
				},
				{code: 'ERR_INVALID_ARG'},
			);
			this.seen.add('refused move');
			return;
		}

		handle.lane = to ?? lane;
		if (waits) {
			const held = this.#held.get(id);
			held.lane = to ?? lane;
			this.#laneOf.set(id, held.lane);
			this.#model.move(id, held.lane, held.priority);
			this.seen.add('move');
			if (handle.state === 'waiting' && this.#limit.setPriority(id, priority)) {
				held.priority = priority;
				this.#model.move(id, held.lane, priority);
			}
		}
	}

	cancel({which}) {
		const {id, handle} = this.#anyHeld(which);
		if (handle === undefined) {
			return;
		}

		const reason = `cancel ${this.#cancels++}`;
		const isOpen = !this.#expected.has(id);
		assert.equal(handle.cancel(reason), isOpen);
		if (isOpen) {
			this.#expected.set(id, {rejected: reason});
			this.seen.add('cancel');
			this.#model.drop(new Set([id]));
		}
	}

	maxQueue({lane, to}) {
		this.#limit.maxQueue = {[lane]: to};
		this.#model.most[lane] = to;
	}

	/** A slot is held until it is told how to end. Its holder is told by the signal. */
	#hold(id, slot) {
		this.#started.push(id);
		this.#slots.add(id);
		const tell = outcome => {
			if (!this.#actual.has(id)) {
				this.#actual.set(id, outcome);
			}
		};
		slot.signal.addEventListener('abort', () => tell(told(slot.signal.reason)));
		const end = (outcome, ...error) => {
			slot.release(...error);
			tell(outcome);
		};
		this.#running.set(id, {fulfil: () => end(id), reject: () => end({rejected: id}, id)});
	}

	acquire(step) {
		const id = this.#ids++;
		this.#enqueue(
			id,
			[id],
			step,
			lane => lane.acquire(),
			(key, waits) => {
				waits.then(
					slot => this.#hold(key, slot),
					error => this.#actual.set(key, told(error)),
				);
			},
		);
	}

	tryAcquire(step) {
		const {lane, priority, weight} = step;
		const id = this.#ids;
		const unit = {id, priority, weight};
		const limit = this.#limit[lane];
		if (!this.#model.letsIn(lane, weight)) {
			assert.throws(() => limit.tryAcquire({weight}), {code: 'ERR_INVALID_ARG'});
		} else if (this.#model.startsAtOnce(lane, unit)) {
			this.#ids++;
			this.#enqueue(id, [id], step, own => own.tryAcquire(), this.#hold.bind(this));
			this.seen.add('a slot that was free');
		} else {
			assert.equal(limit.tryAcquire(bindingOf(step, this.#controllers)), undefined);
			this.seen.add('no slot that was free');
		}
	}

	map({units: number, ...step}) {
		const units = Array.from({length: number}, () => this.#ids++);
		const map = {units, left: number};
		for (const id of units) {
			this.#mapOf.set(id, map);
		}

		if (number === 0) {
			this.#expected.set(map, []);
		}

		this.#enqueue(map, units, step, lane => lane.map(units, this.#work));
	}

	end({which, how}) {
		const id = [...this.#running.keys()][which % this.#running.size];
		if (id !== undefined) {
			this.#running.get(id)[how]();
			this.#running.delete(id);
			this.#settle(id, how === 'fulfil' ? id : {rejected: id});
			this.#model.end(id);
		}
	}

	/** Nothing is compared in between, because looking at a limit ends its lease. */
	async churn({rounds}) {
		for (const {calls, ends} of rounds) {
			for (let made = 0; made < calls; made++) {
				this.call({lane: 'online'});
			}

			await turn();
			for (let ended = 0; ended < ends; ended++) {
				this.end({which: ended % 2, how: 'fulfil'});
				await turn();
			}
		}
	}

	/** What waits leaves the queue, all of it before anything else begins; what runs keeps its slot. */
	abort({signal}) {
		const reason = `abort ${this.#aborts++}`;
		const given = this.#watching[signal];
		this.#watching[signal] = new Set();
		this.#controllers[signal].abort(reason);
		this.#controllers[signal] = new AbortController();

		const ids = new Set();
		for (const key of given) {
			if (!this.#expected.has(key)) {
				this.#expected.set(key, {rejected: reason});
				this.seen.add(this.#running.has(key) ? 'abort of a running call' : 'abort of others');
			}

			// Of a map that has failed already, too.
			for (const id of key.units ?? [key]) {
				ids.add(id);
			}
		}

		this.#model.drop(ids);
	}

	clear({of}) {
		(of.length === 1 ? this.#limit[of[0]] : this.#limit).clearQueue();
		for (const id of this.#model.clear(of)) {
			this.#settle(id, {rejected: 'AbortError'});
		}
	}

	concurrency({to}) {
		if (to <= this.#reserve) {
			assert.throws(
				() => {
					this.#limit.concurrency = to;
				},
				{code: 'ERR_INVALID_ARG'},
			);
		} else {
			this.#limit.concurrency = to;
			this.#model.concurrency = to;
			this.#model.grantAll();
		}
	}

	pause() {
		this.#limit.pause();
		this.#model.isHeld = true;
	}

	pauseFor({duration}) {
		this.#limit.pauseFor(duration);
		this.#model.pauseFor(duration);
	}

	resume() {
		this.#limit.resume();
		this.#model.resume();
	}

	async pass({duration}) {
		await clock.pass(duration);
		this.#model.pass(duration);
		for (const [id, outcome] of this.#model.outcomes.splice(0)) {
			this.#settle(id, outcome);
		}
	}

	compare() {
		const [limit, model] = [this.#limit, this.#model];
		// Who acquires a slot learns of it some microtasks after its grant.
		const calls = ids => ids.filter(id => !this.#slots.has(id));
		assert.deepEqual(calls(this.#started), calls(model.started));
		assert.deepEqual(new Set(this.#started), new Set(model.started));
		assert.equal(limit.isPaused, model.isPaused);
		const stats = limit.stats();
		for (const lane of LANES) {
			assert.equal(limit[lane].activeCount, model.active[lane].length);
			assert.equal(limit[lane].pendingCount, model.queues[lane].length);
			assert.equal(stats[lane].granted, model.started.filter(id => this.#laneOf.get(id) === lane).length);
		}

		assert.equal(limit.activeCount, this.#running.size);
		assert.deepEqual(new Map(this.#actual), new Map(this.#expected));
	}

	async take(step) {
		// See `TIMES` in steps.js.
		clock.now++;
		this.#model.now++;
		await this[step.do](step);
		await turn();
		this.compare();
	}

	/** In the end all that was taken has run, in order and once, and left nothing. */
	async finish() {
		const limit = this.#limit;
		limit.resume();
		this.#model.resume();
		let isDrained = false;
		limit.drain().then(() => {
			isDrained = true;
		});
		await turn();
		while (this.#running.size > 0) {
			assert.equal(isDrained, false);
			this.end({which: 0, how: 'fulfil'});
			await turn();
		}

		this.compare();
		assert.equal(isDrained, true);
		await assert.rejects(limit(this.#work), {code: 'ERR_LIMIT_CLOSED'});
		assert.equal(new Set(this.#started).size, this.#started.length);
		assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
		for (const {signal} of this.#controllers) {
			assert.equal(getEventListeners(signal, 'abort').length, 0);
		}

		assert.deepEqual(
			[...clock.timers].filter(timer => timer.hasRef()),
			[],
		);
	}
}

/** `seen` gets the kinds of outcomes that came up. */
const run = async ([given, steps], seen) => {
	const run = new Run(given, seen);
	for (const step of steps) {
		await run.take(step);
	}

	await run.finish();
};

module.exports = {run};
