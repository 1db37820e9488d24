'use strict';

// A runner works on one item of a map or stream after another, as long as the gate leaves it the slot.
//
// Every item must run in the async context of the caller of `map` or `stream`, even if an earlier mapper has changed
// its own context (`enterWith`). How depends on where AsyncLocalStorage keeps its stores:
// - In frames (Node 24 and later): the item runs in a scope of the owner's resource, which restores the frame.
// - On the resources of async hooks (Node 20 and 22): `enterWith` in that scope would write on the owner's resource.
//   So the item runs in a new callback that was made in that scope. If nothing is tracked, nothing can leak, and the
//   runner continues with its next item directly. A tracked callback has a new async id. So nothing is tracked if the
//   id is the same before and after a mapper.

const {AsyncResource, executionAsyncId} = require('node:async_hooks');
const {storesOnResources} = require('../common/context.js');
const {nameOf} = require('../common/errors.js');
const {resolved, watch} = require('../common/promises.js');

/** Names the items of an owner. Reading it may run code of the user. */
const labelOf = ({request, mapper}) => request.label ?? nameOf(mapper);

class Runner {
	/** The item that it runs, in the form that its owner uses. */
	item = undefined;

	/** The async id under which that item began. */
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

	/** Whether no caller waits for its item any more. For `limit/chain.js`, where an item waits a second time. */
	get isStopped() {
		return this.owner.isStopped;
	}

	/** Names the item in `stats()`. Reading it may run code of the user. */
	get label() {
		return this.owner.label;
	}

	/** What its item publishes; undefined if no subscriber was there when it was queued. */
	get trace() {
		return this.owner.traceOf(this);
	}

	run() {
		return this.owner.run(this);
	}
}

const beginInMicrotask = runner => {
	resolved.then(runner.begin);
};

/**
 * The owner of many items under few tickets. Subclasses have a `mapper`, which names the items, and these methods: `run(runner)` runs an item,
 * `fulfilled(runner, value)` and `rejected(runner, error)` take its outcome, `ownsTicket(ticket)` returns whether a slot
 * goes to an item of this owner, and `assignItem(runner)` gives the next item to the runner.
 */
class Runners {
	/** By slot number. */
	runners = [];

	/** Whether no more items begin. */
	isStopped = false;

	constructor(gate, request, name) {
		this.gate = gate;
		this.request = request;
		this.resource = new AsyncResource(name);
	}

	/** Names the items. Reading it may run code of the user. */
	get label() {
		return labelOf(this);
	}

	/** Returns what the item of a runner publishes. */
	traceOf() {
		return undefined;
	}

	/** Starts the next item in a slot, in a new microtask. */
	beginIn(slot) {
		const runner = this.runnerIn(slot);
		this.assignItem(runner);
		this.beginSoon(runner);
	}

	runnerIn(slot) {
		this.runners[slot] ??= new Runner(this, slot);
		return this.runners[slot];
	}

	/** Starts the item of a runner in a new microtask. */
	beginSoon(runner) {
		this.gate.running[runner.slot] = runner;
		this.resource.runInAsyncScope(beginInMicrotask, undefined, runner);
	}

	runNext(runner) {
		if (this.isStopped) {
			this.gate.fulfilled(runner.slot);
			return;
		}

		let result;
		try {
			result = this.gate.run(runner.slot, runner, this.request);
		} catch (error) {
			result = Promise.reject(error);
		}

		watch(result, runner.fulfilled, runner.rejected);
	}

	/** Continues with the next item in the slot that the gate has left to the runner. */
	continueWith(ticket, runner) {
		if (storesOnResources && executionAsyncId() !== runner.asyncId) {
			this.gate.handOver(ticket, runner.slot);
			return;
		}

		this.assignItem(runner);
		if (storesOnResources) {
			this.runNext(runner);
		} else {
			this.resource.runInAsyncScope(this.runNext, this, runner);
		}
	}
}

module.exports = {Runners, labelOf};
