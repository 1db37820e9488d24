'use strict';

// `map`: one batch ticket, and a runner for each slot that it gets.
//
// A runner takes one item after another as long as the gate leaves it the slot. Every item must run in the context of
// the `map` call, whatever a mapper before it did to its own (`enterWith`). What that takes depends on where
// AsyncLocalStorage keeps its stores:
// - In frames (Node 24 and later): the item runs in a scope of the batch's resource, which puts the frame back.
// - On the resources of async hooks (Node 20 and 22): entering would write on the batch's own resource, so the item
//   runs in a callback of its own that was made in that scope. Where nothing is tracked there is nothing to leak, and
//   a runner goes straight on to its next item. A tracked callback has an async id of its own, so that one and the
//   same id before and after a mapper means that nothing is.

const {AsyncLocalStorage, AsyncResource, executionAsyncId} = require('node:async_hooks');
const {createTaskCall, isTask} = require('./call.js');
const {checkFunction} = require('./checks.js');
const {invalid} = require('./errors.js');
const {fulfil, moreMayStart} = require('./native.js');
const {readMapOptions} = require('./options.js');
const {resolved, watch} = require('./promises.js');

const storesOnResources = '_propagate' in AsyncLocalStorage.prototype;

class Runner {
	/** Of the item that it runs. */
	index = 0;

	/** Where that item began. */
	asyncId = 0;

	constructor(batch, slot) {
		this.slot = slot;
		this.begin = () => {
			this.asyncId = executionAsyncId();
			batch.runNext(this);
		};

		this.fulfilled = value => {
			batch.fulfilled(this, value);
		};

		this.rejected = error => {
			batch.rejected(this, error);
		};
	}
}

/** What the failure of an item means. */
const failures = {
	/** The map fails with the first, and the other items are run all the same: p-limit's way. */
	TELL: 0,
	/** The map fails with the first, and items that have not begun are dropped. */
	STOP: 1,
	/** All items are run, and the map fails with all failures. */
	COLLECT: 2,
	/** All items are run, and a failure is a result. */
	SETTLE: 3,
};

/** The results of a map, while they come. */
class Results {
	/** Where there is a signal: ends the wait for it. */
	stopWatching = undefined;

	#values;
	#unsettled;
	#errors = [];
	#onFailure;
	#resolve;
	#reject;

	constructor(number, onFailure, resolve, reject) {
		this.#values = new Array(number);
		this.#unsettled = number;
		this.#onFailure = onFailure;
		this.#resolve = resolve;
		this.#reject = reject;
	}

	fulfil(index, value) {
		this.#values[index] = this.#onFailure === failures.SETTLE ? {status: 'fulfilled', value} : value;
		this.#settledOne();
	}

	/** Whether the map goes on after this. */
	fail(index, error) {
		if (this.#onFailure === failures.SETTLE) {
			this.#values[index] = {status: 'rejected', reason: error};
			this.#settledOne();
		} else if (this.#onFailure === failures.COLLECT) {
			this.#errors.push(error);
			this.#settledOne();
		} else {
			this.reject(error);
		}

		return this.#onFailure !== failures.STOP;
	}

	/** Runs an item, and takes what it comes to; tells whether the map goes on. */
	async follow(index, run) {
		let value;
		try {
			value = await run();
		} catch (error) {
			return this.fail(index, error);
		}

		this.fulfil(index, value);
		return true;
	}

	/** The map has failed, whatever is still to come. */
	reject(error) {
		this.stopWatching?.();
		this.#reject(error);
	}

	#settledOne() {
		this.#unsettled--;
		if (this.#unsettled > 0) {
			return;
		}

		this.stopWatching?.();
		if (this.#errors.length === 0) {
			this.#resolve(this.#values);
		} else {
			this.#reject(new AggregateError(this.#errors, `${this.#errors.length} of ${this.#values.length} items failed`));
		}
	}
}

class Batch {
	/** By slot. */
	runners = [];

	/** How many items have begun. */
	cursor = 0;

	/** The items in the order that they begin in, by index; undefined is their own. */
	order = undefined;

	resource = new AsyncResource('p-lanes.map');

	constructor(gate, asked, items, mapper, results) {
		this.gate = gate;
		this.items = items;
		this.mapper = mapper;
		this.results = results;
		/** Units that wait in the gate. */
		this.ungranted = items.length;
		this.ticket = gate.enqueueBatch(asked, items.length);
		gate.waiting[this.ticket] = this;
	}

	/** Takes a slot from the gate for the next item. */
	begin(gate, slot) {
		this.ungranted--;
		if (this.ungranted > 0) {
			gate.waiting[this.ticket] = this;
		}

		this.runners[slot] ??= new Runner(this, slot);
		this.resource.runInAsyncScope(this.beginSoon, undefined, this.runners[slot]);
	}

	/** No more slots will come; without a reason nobody is told. */
	drop(reason) {
		this.ungranted = 0;
		if (reason !== undefined) {
			this.results.reject(reason);
		}
	}

	/** Takes what waits out of the queue. Follow it by `startNext`. */
	cancel() {
		if (this.ungranted > 0 && this.gate.waiting[this.ticket] === this) {
			this.ungranted = 0;
			this.gate.cancel(this.ticket);
		}
	}

	beginSoon(runner) {
		resolved.then(runner.begin);
	}

	runNext(runner) {
		const {gate, order} = this;
		const next = this.cursor++;
		const index = order === undefined ? next : order[next];
		runner.index = index;
		let result;
		try {
			result = gate.nested === undefined ? this.run(index) : gate.nested.run(runner.slot, {run: () => this.run(index)});
		} catch (error) {
			result = Promise.reject(error);
		}

		watch(result, runner.fulfilled, runner.rejected);
	}

	run(index) {
		const {mapper} = this;
		return mapper(this.items[index], index);
	}

	fulfilled(runner, value) {
		const {index} = runner;
		this.end(runner);

		// Last: who awaits the map finds the next task started, and resolving reads `then`, which may be anyone's code.
		this.results.fulfil(index, value);
	}

	/** Gives the slot back, or goes on in it. */
	end(runner) {
		const {gate} = this;
		if (gate.nested !== undefined) {
			gate.fulfilled(runner.slot);
			return;
		}

		const ticket = fulfil(gate.handle, runner.slot);
		if (moreMayStart() || gate.waits !== undefined || !this.isNext(ticket)) {
			gate.settled(ticket, runner.slot);
		} else {
			this.goOn(runner);
		}
	}

	rejected(runner, error) {
		if (!this.results.fail(runner.index, error)) {
			this.cancel();
		}

		this.gate.rejected(runner.slot);
	}

	/** Ticket numbers are used again, so an equal number alone may be another's. */
	isNext(ticket) {
		return ticket === this.ticket && this.gate.waiting[ticket] === this;
	}

	/** Has a runner take its next item in the slot that the gate has left it. */
	goOn(runner) {
		if (storesOnResources && executionAsyncId() !== runner.asyncId) {
			this.gate.handOver(this.ticket, runner.slot);
			return;
		}

		this.ungranted--;
		if (this.ungranted === 0) {
			this.gate.waiting[this.ticket] = undefined;
		}

		if (storesOnResources) {
			this.runNext(runner);
		} else {
			this.resource.runInAsyncScope(this.runNext, this, runner);
		}
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

/** A permutation of so many indexes, by chance (Fisher and Yates). */
const shuffled = number => {
	const order = Array.from({length: number}, (_, index) => index);
	for (let last = number - 1; last > 0; last--) {
		const other = Math.floor(Math.random() * (last + 1));
		[order[last], order[other]] = [order[other], order[last]];
	}

	return order;
};

/** Runs the items in the slot of the task that the map is made in, one after the other. */
const mapInside = async (items, mapper, order, results) => {
	for (const index of order ?? items.keys()) {
		if (!(await results.follow(index, () => mapper(items[index], index)))) {
			return;
		}
	}
};

/** Each item as a call of its own, where options speak of each. */
const mapEach = (gate, asked, options, items, mapper, order, results, signal) => {
	const controller = new AbortController();
	const stopWatching =
		signal &&
		gate.signals.watch(signal, {
			drop() {},
			abort(reason) {
				results.reject(reason);
				controller.abort();
			},
		});
	const call = createTaskCall(gate, asked, {...options, signal: controller.signal});
	const all = Array.from(order ?? items.keys(), async index => {
		if (!(await results.follow(index, () => call(mapper, items[index], index)))) {
			controller.abort();
		}
	});
	Promise.all(all).then(stopWatching);
};

const start = (gate, asked, options, items, mapper, {signal, shuffle, results}) => {
	const order = shuffle ? shuffled(items.length) : undefined;
	if (isTask({...options, signal: undefined})) {
		mapEach(gate, asked, options, items, mapper, order, results, signal);
		return;
	}

	const outer = gate.nested?.inherited;
	if (outer !== undefined) {
		outer.hold(mapInside(items, mapper, order, results));
		return;
	}

	const batch = new Batch(gate, asked, items, mapper, results); // it lives by its place in the gate
	batch.order = order;
	if (signal !== undefined) {
		results.stopWatching = gate.signals.watch(signal, {
			drop() {
				batch.cancel();
			},
			abort(reason) {
				results.reject(reason);
				gate.startNext();
			},
		});
	}

	gate.startNext();
};

const none = {};

/** A `map` of a lane. */
const createMapOf =
	failureOf =>
	(gate, asked, bound) =>
	(iterable, mapper, given = none) =>
		new Promise((resolve, reject) => {
			if (!isIterable(iterable)) {
				throw invalid('iterable', 'iterable or array-like', iterable);
			}

			checkFunction('mapper', mapper);
			const options = given === none ? none : readMapOptions(given);
			const {signal = bound.signal, shuffle = false} = options;
			signal?.throwIfAborted();
			const pulled = pull(iterable);
			if ('error' in pulled) {
				reject(pulled.error);
			}

			const {items} = pulled;
			if (items.length === 0) {
				resolve([]);
				return;
			}

			const results = new Results(items.length, failureOf(options), resolve, reject);
			start(gate, asked, bound, items, mapper, {signal, shuffle, results});
		});

/** The `map` of a lane. */
const createMap = createMapOf(({stopOnError}) => {
	if (stopOnError === undefined) {
		return failures.TELL;
	}

	return stopOnError ? failures.STOP : failures.COLLECT;
});

/** The `settle` of a lane. */
const createSettle = createMapOf(() => failures.SETTLE);

module.exports = {createMap, createSettle};
