'use strict';

// `map`: one batch ticket, and a runner for each slot that it gets.
//
// A runner takes one item after another as long as the gate leaves it the slot. Every item must run in
// the context of the `map` call, whatever a mapper before it did to its own (`enterWith`), so an item is
// run from a callback that was registered before any mapper had run: the batch keeps a `bell`, a promise
// made in its own context, and rings it to have the items run whose slots came meanwhile. Where nothing
// tracks the async context, there is none to leak, and a runner goes straight on to its next item.

const {AsyncLocalStorage, executionAsyncId} = require('node:async_hooks');
const {invalid} = require('./errors.js');
const {enqueueBatch, fulfil} = require('./native.js');
const {promiseOf} = require('./promises.js');

const ready = Promise.resolve();

/**
 * Whether AsyncLocalStorage keeps its stores on the resources of async hooks (Node 20 and 22) and not in
 * frames of its own. There each tracked callback has an id of its own, so that one and the same id before
 * and after a mapper means that nothing is tracked.
 */
const storesOnResources = '_propagate' in AsyncLocalStorage.prototype;

class Runner {
	index = 0;

	constructor(batch, slot) {
		this.slot = slot;
		this.fulfilled = value => {
			batch.fulfilled(this, value);
		};

		this.rejected = error => {
			batch.rejected(this, error);
		};
	}
}

class Batch {
	/** By slot. */
	runners = [];

	/** Runners with a slot and no item yet. */
	idle = [];

	/** Items that have not begun; `#cursor` is the first of them. */
	cursor = 0;

	unsettled;

	/** Units that wait in the gate. */
	ungranted;

	/** Rings the bell; none while it rings. */
	ring;

	asyncId = executionAsyncId();

	constructor(gate, lane, items, mapper, resolve, reject) {
		this.gate = gate;
		this.items = items;
		this.mapper = mapper;
		this.resolve = resolve;
		this.reject = reject;
		this.results = new Array(items.length);
		this.unsettled = items.length;
		this.ungranted = items.length;
		this.begin = slot => {
			this.takeSlot(slot);
		};

		this.takeTurn = () => {
			this.asyncId = executionAsyncId();
			this.runNext(this.idle.pop());
		};

		this.takeTurns = () => {
			this.runIdle();
		};

		this.hang = ring => {
			this.ring = ring;
		};

		this.ticket = enqueueBatch(gate.handle, lane, items.length);
		gate.waiting[this.ticket] = this.begin;
		this.hangBell();
		gate.startNext();
	}

	/** Takes a slot from the gate, or the reason why no more will come. */
	takeSlot(slot) {
		if (typeof slot !== 'number') {
			this.reject(slot);
			return;
		}

		this.ungranted--;
		if (this.ungranted > 0) {
			this.gate.waiting[this.ticket] = this.begin;
		}

		this.runners[slot] ??= new Runner(this, slot);
		this.idle.push(this.runners[slot]);
		this.ring?.();
		this.ring = undefined;
	}

	hangBell() {
		new Promise(this.hang).then(this.takeTurns);
	}

	/** The bell has rung: we are in the context of the `map` call, and no mapper has run in it yet. */
	runIdle() {
		const turns = this.idle.length;
		if (this.ungranted > 0) {
			this.hangBell();
		}

		for (let others = turns - 1; others > 0; others--) {
			ready.then(this.takeTurn);
		}

		this.takeTurn();
	}

	runNext(runner) {
		const {mapper} = this;
		const index = this.cursor++;
		runner.index = index;
		let result;
		try {
			result = promiseOf(mapper(this.items[index], index));
		} catch (error) {
			result = Promise.reject(error);
		}

		result.then(runner.fulfilled, runner.rejected);
	}

	fulfilled(runner, value) {
		this.results[runner.index] = value;
		const ticket = fulfil(this.gate.handle, runner.slot);
		this.unsettled--;
		if (this.unsettled === 0) {
			this.resolve(this.results);
		}

		this.goOn(runner, ticket);
	}

	rejected(runner, error) {
		this.gate.rejected(runner.slot);
		this.reject(error);
	}

	/** Hands a runner's slot to its next ticket, which may well be this batch's again. */
	goOn(runner, ticket) {
		if (storesOnResources && this.isNext(ticket) && executionAsyncId() === this.asyncId) {
			this.ungranted--;
			if (this.ungranted === 0) {
				this.gate.waiting[ticket] = undefined;
			}

			this.runNext(runner);
		} else {
			this.gate.handOver(ticket, runner.slot);
		}
	}

	/** Ticket numbers are used again, so an equal number alone may be another's. */
	isNext(ticket) {
		return ticket === this.ticket && this.gate.waiting[ticket] === this.begin;
	}
}

/** All that an iterable or array-like gives, and what it threw where it broke off. */
const pull = iterable => {
	const items = [];
	try {
		for (const item of Symbol.iterator in Object(iterable) ? iterable : Array.from(iterable)) {
			items.push(item);
		}

		return {items};
	} catch (error) {
		return {items, error};
	}
};

const isIterable = value =>
	value !== null &&
	value !== undefined &&
	(typeof value[Symbol.iterator] === 'function' || (typeof value === 'object' && 'length' in value));

/** The `map` of a lane. */
const createMap = (gate, lane) => (iterable, mapper) =>
	new Promise((resolve, reject) => {
		if (!isIterable(iterable)) {
			throw invalid('iterable', 'iterable or array-like', iterable);
		}

		if (typeof mapper !== 'function') {
			throw invalid('mapper', 'a function', mapper);
		}

		const pulled = pull(iterable);
		if ('error' in pulled) {
			reject(pulled.error);
		}

		if (pulled.items.length === 0) {
			resolve([]);
		} else {
			new Batch(gate, lane, pulled.items, mapper, resolve, reject); // eslint-disable-line no-new
		}
	});

module.exports = {createMap};
