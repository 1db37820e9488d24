'use strict';

// Runners: each works on one item of a map or stream after another, as long as the gate leaves it its slot.
//
// Every item must run in the context of the call that made the map or stream, whatever a mapper before it did to its own
// (`enterWith`). What that takes depends on where AsyncLocalStorage keeps its stores:
// - In frames (Node 24 and later): the item runs in a scope of the owner's resource, which puts the frame back.
// - On the resources of async hooks (Node 20 and 22): entering would write on the owner's resource, so the item
//   runs in a callback of its own that was made in that scope. Where nothing is tracked there is nothing to leak, and
//   a runner goes straight on to its next item. A tracked callback has an async id of its own, so that one and the
//   same id before and after a mapper means that nothing is.

const {AsyncLocalStorage, AsyncResource, executionAsyncId} = require('node:async_hooks');
const {resolved, watch} = require('./promises.js');

const storesOnResources = '_propagate' in AsyncLocalStorage.prototype;

class Runner {
	/** What its owner keeps here: which item it runs. */
	item = undefined;

	/** Where that item began. */
	asyncId = 0;

	constructor(owner, slot) {
		this.owner = owner;
		this.slot = slot;
		this.begin = () => {
			this.asyncId = executionAsyncId();
			owner.runNext(this);
		};

		this.fulfilled = value => {
			owner.fulfilled(this, value);
		};

		this.rejected = error => {
			owner.rejected(this, error);
		};
	}

	/** Nobody waits for its item any more; of interest to who has it wait once more before it runs, see `above.js`. */
	get isStopped() {
		return this.owner.isStopped;
	}

	run() {
		return this.owner.run(this);
	}
}

const beginSoon = runner => {
	resolved.then(runner.begin);
};

/**
 * What has many items to run under few tickets. Its kinds have four methods of their own: `run(runner)` runs an item,
 * `fulfilled(runner, value)` and `rejected(runner, error)` take what it comes to, `isNext(ticket)` tells whether a slot
 * goes to an item of this, and `takes(runner)` is told that the runner does it.
 */
class Runners {
	/** By slot. */
	runners = [];

	/** No item begins any more. */
	isStopped = false;

	constructor(gate, asked, name) {
		this.gate = gate;
		this.asked = asked;
		this.resource = new AsyncResource(name);
	}

	/** Has the next item begin in a slot, in a microtask of its own. */
	beginIn(slot) {
		let runner = this.runners[slot];
		if (runner === undefined) {
			runner = new Runner(this, slot);
			this.runners[slot] = runner;
		}

		this.takes(runner);
		this.resource.runInAsyncScope(beginSoon, undefined, runner);
	}

	runNext(runner) {
		if (this.isStopped) {
			this.gate.fulfilled(runner.slot);
			return;
		}

		let result;
		try {
			result = this.gate.run(runner.slot, runner, this.asked);
		} catch (error) {
			result = Promise.reject(error);
		}

		watch(result, runner.fulfilled, runner.rejected);
	}

	/** Has a runner go on with the next item in the slot that the gate has left it. */
	goOn(ticket, runner) {
		if (storesOnResources && executionAsyncId() !== runner.asyncId) {
			this.gate.handOver(ticket, runner.slot);
			return;
		}

		this.takes(runner);
		if (storesOnResources) {
			this.runNext(runner);
		} else {
			this.resource.runInAsyncScope(this.runNext, this, runner);
		}
	}
}

module.exports = {Runners};
