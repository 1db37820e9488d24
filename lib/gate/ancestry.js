'use strict';

// Which running calls of limits with `nested` the current code is inside of. The async context tells.
//
// One AsyncLocalStorage serves all limits, and only while there are limits with `nested`: on Node 20 and 22 each one
// that is enabled is visited for every promise of the process.

const {AsyncLocalStorage} = require('node:async_hooks');
const {withStore} = require('../common/context.js');

/** Its store is an array of frames, the innermost first: one for each limit that runs a call here. */
let storage;

/** How many limits use the storage. */
let users = 0;

const usersFinalizer = new FinalizationRegistry(() => {
	users--;
	if (users === 0) {
		storage?.disable(); // its use enables it again
	}
});

/** A call of one limit, inside the calls of the same limit that led to it. */
class Frame {
	constructor(ancestry, outer, call, parent) {
		this.ancestry = ancestry;
		/** The task that holds the slot of the call. */
		this.outer = outer;
		this.call = call;
		this.parent = parent;
	}

	/** This call, or the innermost one around it that still runs; `undefined` if none does. */
	get running() {
		return this.outer.isRunning ? this : this.runningParent;
	}

	/** The innermost call around this one that still runs. */
	get runningParent() {
		let {parent} = this;
		while (parent !== undefined && !parent.outer.isRunning) {
			parent = parent.parent;
		}

		return parent;
	}

	/** Called when the call has ended. Contexts that it leaves behind keep the frame, but no call that has ended. */
	end() {
		this.call = undefined;
		this.parent = this.runningParent;
	}
}

/** The frames of one limit. */
class Ancestry {
	/** `user` is the limit's gate. When it was collected, the storage may not be needed any more. */
	constructor(user) {
		users++;
		usersFinalizer.register(user, undefined);
	}

	/** The innermost call that still runs; `undefined` outside of all. */
	get current() {
		const frames = storage?.getStore();
		const frame = frames?.length > 1 ? frames.find(({ancestry}) => ancestry === this) : frames?.[0];
		if (frame?.ancestry !== this) {
			return undefined;
		}

		return frame.running;
	}

	/** Calls `run` inside a call, with its frame. */
	enter(outer, call, run) {
		const frame = new Frame(this, outer, call, this.current);
		storage ??= new AsyncLocalStorage();
		return withStore(storage, this.#framesWith(frame), run, frame);
	}

	/** In place of calls that have ended come those around them, so that a chain of calls keeps none that has ended. */
	#framesWith(frame) {
		const frames = storage.getStore();
		if (frames === undefined || (frames.length === 1 && frames[0].ancestry === this)) {
			return [frame];
		}

		const others = frames.filter(({ancestry}) => ancestry !== this).map(other => other.running);
		return [frame, ...others.filter(other => other !== undefined)];
	}
}

module.exports = {Ancestry};
