'use strict';

// `acquire` and `tryAcquire`: a caller holds slots by hand. For the gates it is a task, whose work ends when the caller says so.

const {createRun, createTaskStart, refusal, taskOptions, watchSignalOf} = require('./call.js');
const {isPrimitive, watch} = require('../common/promises.js');
const {isTracing} = require('../observe/channels.js');
const {Slot} = require('./slot.js');
const {Task} = require('./task.js');

const none = [];
const noop = () => {};

class Hold extends Task {
	/** In a chain each limit has its part: `{task, ends}`, the first limit first. */
	#parts = [];

	/** Ends the promise that stands for the work. */
	#endWork = noop;
	#gate;

	/** Called with the slot once the caller has it. Not kept longer: it would keep the slot. */
	onHeld = noop;

	/** By gate: the slots of the limits that `tryAcquire` has taken. */
	#taken;

	constructor(gate, options, taken) {
		const hold = {slot: context => this.#begin(context)};
		super(gate, options, hold.slot, none);
		this.#gate = gate;
		this.#taken = taken;
	}

	/** Returns the slot of a gate that the call has before it comes there; `undefined` if it has none. */
	takenIn(gate) {
		return this.#taken?.get(gate);
	}

	/** Whether the caller works on for itself: what it holds is not lent to it. */
	get holds() {
		return true;
	}

	/** The caller has all slots. Returns a promise of the end of the work. */
	#begin(context) {
		const work = new Promise(resolve => {
			this.#endWork = resolve;
		});
		const {onHeld} = this;
		this.onHeld = noop;
		onHeld(new Slot(this, context));
		return work;
	}

	follow(result, ends) {
		return this.followIn(this, result, ends);
	}

	/** Adds the part of a limit. It ends with the work, or when that is given up. */
	followIn(task, result, ends) {
		const part = {task, ends};
		this.#parts.push(part);
		return watch(
			result,
			() => this.#endPart(part),
			error => this.#endPart(part, {error}),
		);
	}

	get hasSlots() {
		return this.#parts.length > 0;
	}

	get limitName() {
		return this.#gate.origin.name;
	}

	/** Gives all slots back, now. With an error the work counts as failed. */
	release(error) {
		const failure = error === undefined || error === null ? undefined : {error};
		for (const part of [...this.#parts].reverse()) {
			this.#endPart(part, failure);
		}

		this.#endWork();
	}

	#endPart(part, failure) {
		const at = this.#parts.indexOf(part);
		if (at < 0) {
			return; // it was released
		}

		this.#parts.splice(at, 1);
		const {task, ends} = part;
		if (failure === undefined) {
			task.reportFulfilled(ends);
			task.ended();
			task.trace?.settled('fulfilled');
		} else {
			task.reportRejected(ends, failure.error);
			task.ended();
			task.trace?.settled('rejected', failure.error);
		}
	}
}

/** The requests of holds: an outer task lends them nothing, because it works on while it has them. */
const heldRequest = request => ({...request, holds: true, asked: {...request.asked, holds: true}});

/** Their options: work that the caller does is not begun again. */
const holdOptions = (options, request) =>
	taskOptions({...options, retry: undefined, attemptTimeout: undefined, context: true}, request);

/**
 * The promise of a caller that waits. What it is settled by is forgotten then: the promise of the work lasts as long as the
 * slot is held, and would keep the slot from being collected.
 */
class Caller {
	#resolve;
	#reject;

	constructor(resolve, reject) {
		this.#resolve = resolve;
		this.#reject = reject;
	}

	hasSlot = slot => {
		this.#resolve(slot);
		this.#resolve = undefined;
		this.#reject = undefined;
	};

	hasNone = error => {
		this.#reject?.(error);
	};
}

/** Creates the function that acquires slots. */
const createAcquire = (gate, bound, options) => {
	const request = heldRequest(bound);
	const start = createTaskStart(gate, request);
	const own = holdOptions(options, request);
	const enter = hold => {
		watchSignalOf(hold, gate, request);
		try {
			return start(hold);
		} catch (error) {
			throw refusal(gate, request, () => hold.label, error);
		}
	};

	return () =>
		new Promise((resolve, reject) => {
			const hold = new Hold(gate, own);
			const caller = new Caller(resolve, reject);
			hold.onHeld = caller.hasSlot;
			enter(hold).then(undefined, caller.hasNone);
		});
};

/** Takes a slot of a gate if there is one at once. Returns it, or a negative number; and whether others may start then. */
const tryEnter = (gate, request) => {
	const {followUp, tryRequest, HAS_MESSAGES, MORE} = gate.native;
	for (;;) {
		const slot = tryRequest(gate.handle, request);
		const todo = followUp();
		if (slot >= 0 || (todo & HAS_MESSAGES) === 0) {
			return {slot, more: (todo & MORE) !== 0};
		}

		gate.readMessages(); // they may be about slots that the gate does not know of yet
	}
};

const giveBack = taken => {
	for (const {gate, slot} of taken.reverse()) {
		gate.native.port.takeBack(gate.handle, slot);
		gate.startNext();
	}
};

/** Takes slots of all limits of a chain, or of none. Returns them as `{gate, slot, more}`; `undefined` if one has none. */
const takeAll = places => {
	const taken = [];
	for (const {gate, request, convert} of places) {
		let entered;
		try {
			entered = tryEnter(gate, request);
		} catch (error) {
			giveBack(taken);
			throw convert(error);
		}

		if (entered.slot < 0) {
			giveBack(taken);
			return undefined;
		}

		taken.push({gate, ...entered});
	}

	return taken;
};

/** Creates the function that takes slots which are free now. */
const createTryAcquire = (gate, bound, options) => {
	const request = heldRequest(bound);
	const run = createRun(gate, request);
	const own = holdOptions(options, request);
	const places = [
		{gate, request, convert: error => gate.refusalOf(error)},
		...(request.next?.placesOf(request) ?? none),
	];

	/** The hold runs now, in slots that it has. */
	const begin = (hold, slot) => {
		let held;
		hold.onHeld = it => {
			held = it;
		};
		const trace = isTracing() ? hold.traceIn(request.lane) : undefined;
		gate.running[slot] = hold;
		trace?.queued();
		const outcome = run(slot);
		if (!isPrimitive(outcome)) {
			outcome.then(undefined, noop);
		}

		return held;
	};

	return () => {
		const taken = new Map();
		const hold = new Hold(gate, own, taken);
		watchSignalOf(hold, gate, request);
		let all;
		try {
			all = takeAll(places);
		} catch (error) {
			hold.ended();
			throw error;
		}

		if (all === undefined) {
			hold.ended();
			return undefined;
		}

		for (const {gate: place, slot} of all) {
			taken.set(place, slot);
		}

		const held = begin(hold, all[0].slot);
		for (const {gate: place, more} of all) {
			if (more) {
				place.startNext();
			}
		}

		return held;
	};
};

module.exports = {createAcquire, createTryAcquire};
