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
const {invalid} = require('./errors.js');
const {enqueueBatch, fulfil} = require('./native.js');
const {watch} = require('./promises.js');

const ready = Promise.resolve();
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

class Batch {
	/** By slot. */
	runners = [];

	/** The first item that has not begun. */
	cursor = 0;

	resource = new AsyncResource('p-lanes.map');

	constructor(gate, lane, items, mapper, resolve, reject) {
		this.gate = gate;
		this.items = items;
		this.mapper = mapper;
		this.resolve = resolve;
		this.reject = reject;
		this.results = new Array(items.length);
		this.unsettled = items.length;
		/** Units that wait in the gate. */
		this.ungranted = items.length;
		this.ticket = enqueueBatch(gate.handle, lane, items.length);
		gate.waiting[this.ticket] = this;
		gate.startNext();
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

	/** No more slots will come. */
	drop(reason) {
		this.reject(reason);
	}

	beginSoon(runner) {
		ready.then(runner.begin);
	}

	runNext(runner) {
		const {mapper} = this;
		const index = this.cursor++;
		runner.index = index;
		let result;
		try {
			result = mapper(this.items[index], index);
		} catch (error) {
			result = Promise.reject(error);
		}

		watch(result, runner.fulfilled, runner.rejected);
	}

	fulfilled(runner, value) {
		this.results[runner.index] = value;
		const ticket = fulfil(this.gate.handle, runner.slot);
		if (this.isNext(ticket)) {
			this.goOn(runner);
		} else {
			this.gate.handOver(ticket, runner.slot);
		}

		// Last: who awaits the map finds the next task started, and resolving reads `then`, which may be anyone's code.
		this.unsettled--;
		if (this.unsettled === 0) {
			this.resolve(this.results);
		}
	}

	rejected(runner, error) {
		this.gate.rejected(runner.slot);
		this.reject(error);
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
			new Batch(gate, lane, pulled.items, mapper, resolve, reject); // it lives by its place in the gate
		}
	});

module.exports = {createMap};
