'use strict';

// Async contexts where there is no Node; see `lib/common/context.js`. A context is a snapshot.

const {AsyncResource} = require('../node/async_hooks.js');

/** No store is kept on resources. */
const storesOnResources = false;

/** The async context in which it is made. */
class Context {
	#resource = new AsyncResource();

	run(fn, ...args) {
		return this.#resource.runInAsyncScope(fn, undefined, ...args);
	}
}

/** The context in which the package is loaded. Nothing takes the stores out of it, as the code in Node does. */
const first = new Context();

const outside = (fn, ...args) => first.run(fn, ...args);

const withStore = (storage, store, fn, value) => storage.run(store, fn, value);

module.exports = {Context, outside, storesOnResources, withStore};
