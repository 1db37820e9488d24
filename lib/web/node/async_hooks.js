'use strict';

// In place of `node:async_hooks`: the environment's own AsyncLocalStorage if it has one.
//
// Without one, a store is seen only by code that runs before its function returns. So the context of a call is lost
// behind the first `await` of its task.

const {builtIn} = require('./built-in.js');

const given = builtIn('node:async_hooks')?.AsyncLocalStorage ?? globalThis.AsyncLocalStorage;

/** A storage without async contexts. */
class SyncStorage {
	#store = undefined;

	/** Returns a function that calls others in the context of now. No store outlives its function, so there is none. */
	static snapshot() {
		return (fn, ...args) => fn(...args);
	}

	getStore() {
		return this.#store;
	}

	run(store, fn, ...args) {
		const before = this.#store;
		this.#store = store;
		try {
			return fn(...args);
		} finally {
			this.#store = before;
		}
	}

	disable() {
		this.#store = undefined;
	}
}

const AsyncLocalStorage = typeof given?.snapshot === 'function' ? given : SyncStorage;

/** An async context, that of its creation. */
class AsyncResource {
	#enter = AsyncLocalStorage.snapshot();

	runInAsyncScope(fn, thisArg, ...args) {
		return this.#enter(() => Reflect.apply(fn, thisArg, args));
	}
}

/** Nothing is tracked. */
const executionAsyncId = () => 0;

module.exports = {AsyncLocalStorage, AsyncResource, executionAsyncId};
