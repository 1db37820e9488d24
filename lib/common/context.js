'use strict';

// Async contexts: the stores of AsyncLocalStorage that code sees.
//
// User code that a caller handed over, such as a source, runs in the context of that call (`Context`), whatever led to
// the moment when it runs. Handles that outlive a call, such as a timer that is kept for the next one, are made in the
// empty context (`outside`). Otherwise they would keep the stores of the call that happened to make them.
//
// Node 24 and later keep the stores in a frame, which a resource refers to. Node 20 and 22 keep them on the resource
// that the code runs in, and `enterWith` writes there.

const {AsyncLocalStorage, AsyncResource} = require('node:async_hooks');
const process = require('node:process');

/** Whether the stores are on the resources of async hooks (Node 20 and 22), and not in frames. Bun has the method, and frames. */
const storesOnResources = '_propagate' in AsyncLocalStorage.prototype && process.versions.bun === undefined;

/** The description of the symbols under which a resource has a store, or the frame. */
const STORE = storesOnResources ? 'kResourceStore' : 'context_frame';

/** An async context: that in which it is made, or that of a resource. */
class Context {
	#resource;

	constructor(resource = new AsyncResource('p-lanes')) {
		this.#resource = resource;
	}

	/** Calls a function in this context. The next one does not see a store that this one enters. */
	run(fn, ...args) {
		// Each function has an object to write its stores on, and inherits those of the resource.
		const resource = storesOnResources ? Object.create(this.#resource) : this.#resource;
		return resource.runInAsyncScope(fn, undefined, ...args);
	}
}

/** Returns a context without stores. This module may be loaded inside a call that has some. */
const createEmpty = () => {
	const resource = new AsyncResource('p-lanes');
	for (const symbol of Object.getOwnPropertySymbols(resource)) {
		if (symbol.description === STORE) {
			resource[symbol] = undefined;
		}
	}

	return new Context(resource);
};

const empty = createEmpty();

/** Calls a function in the empty context. */
const outside = (fn, ...args) => empty.run(fn, ...args);

const enterAndCall = (storage, store, fn, value) => {
	storage.enterWith(store);
	return fn(value);
};

/**
 * Calls a function with a store, as `storage.run` does. Where stores are in frames, `run` makes two: the second one, when
 * it leaves, is a slow copy of the first. A resource puts back the frame that was there before.
 */
const withStore = storesOnResources
	? (storage, store, fn, value) => storage.run(store, fn, value)
	: (storage, store, fn, value) =>
			new AsyncResource('p-lanes').runInAsyncScope(enterAndCall, undefined, storage, store, fn, value);

module.exports = {Context, outside, storesOnResources, withStore};
