'use strict';

// One call: waits for its slot in the context of who made it, runs, and gives the slot back.
//
// What the caller gets is `turn.then(run)`. `then` carries the async context; `turn` is a promise of the call's slot:
// one that is settled already where the gate has given a slot at once, else one whose `resolve` the call keeps until
// then. `run` is one function for all calls of a lane, which finds the call by its slot: a call that waits owns its two
// promises and one object, and few and small objects are what makes a long queue cheap.

const {invalid} = require('./errors.js');
const {endsOf} = require('./gate.js');
const {enqueue} = require('./native.js');
const {isPrimitive, watch} = require('./promises.js');

const {slice} = Array.prototype;

let opened;
const open = resolve => {
	opened = resolve;
};

/** In place of an argument: there is none. */
const NONE = Symbol('none');

class Call {
	/** Settles the turn that it waits for. */
	open = undefined;

	constructor(fn, a, b) {
		this.fn = fn;
		this.a = a;
		this.b = b;
	}

	begin(gate, slot) {
		gate.running[slot] = this;
		this.open(slot);
	}

	drop(reason) {
		this.open(reason);
	}

	run() {
		const {fn, a, b} = this;
		if (a === NONE) {
			return fn();
		}

		return b === NONE ? fn(a) : fn(a, b);
	}
}

/** A promise of a slot in a lane. */
const turnOf = (call, gate, lane) => {
	const place = enqueue(gate.handle, lane);
	if (place >= 0) {
		gate.running[place] = call;
		return Promise.resolve(place);
	}

	const turn = new Promise(open);
	call.open = opened;
	opened = undefined;
	gate.waiting[~place] = call;
	return turn;
};

/** Runs what has got a slot; a turn that ends with anything else brings the reason why there will be none. */
const createRun = gate => slot => {
	if (typeof slot !== 'number') {
		throw slot;
	}

	const call = gate.running[slot];
	gate.running[slot] = undefined;
	let result;
	try {
		result = call.run();
	} catch (error) {
		gate.rejected(slot);
		throw error;
	}

	if (isPrimitive(result)) {
		gate.fulfilled(slot);
		return result;
	}

	// The slot is given back before anyone who awaits the call goes on.
	const {fulfilled, rejected} = gate.ends[slot] ?? endsOf(gate, slot);
	return watch(result, fulfilled, rejected);
};

const callOf = (fn, args) => {
	switch (args.length) {
		case 1:
			return new Call(fn, NONE, NONE);
		case 2:
			return new Call(fn, args[1], NONE);
		case 3:
			return new Call(fn, args[1], args[2]);
		default: {
			const rest = slice.call(args, 1);
			return new Call(() => fn(...rest), NONE, NONE);
		}
	}
};

/** The function that queues calls in a lane. */
const createCall = (gate, lane) => {
	const run = createRun(gate);
	return {
		// A method, because an arrow function has no `arguments`, and a plain function could be constructed.
		limit(fn) {
			if (typeof fn !== 'function') {
				return Promise.reject(invalid('fn', 'a function', fn));
			}

			return turnOf(callOf(fn, arguments), gate, lane).then(run);
		},
	}.limit;
};

module.exports = {createCall};
