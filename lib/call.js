'use strict';

// One call: waits for its slot in the context of who made it, runs, and gives the slot back.
//
// What the caller gets is `turn.then(run)`. `then` carries the async context; `turn` is a promise of
// the call's slot: one that is settled already where the gate has given a slot at once, else one whose
// `resolve` the gate keeps under the ticket. Nothing else is allocated for a call while it waits, and
// that is what makes a long queue cheap; `run` is written out for the usual numbers of arguments
// because one that takes a list is a quarter slower.

const {invalid} = require('./errors.js');
const {endsOf} = require('./gate.js');
const {enqueue} = require('./native.js');
const {isPrimitive, promiseOf} = require('./promises.js');

const {slice} = Array.prototype;

/** How many slots' settled turns are kept for the calls that need not wait. */
const KEPT_TURNS = 1024;
const turns = Array.from({length: KEPT_TURNS}, (_, slot) => Promise.resolve(slot));

let opened;
const open = resolve => {
	opened = resolve;
};

/** A promise of a slot in a lane. */
const turnIn = (gate, lane) => {
	const place = enqueue(gate.handle, lane);
	if (place >= 0) {
		return place < KEPT_TURNS ? turns[place] : Promise.resolve(place);
	}

	const turn = new Promise(open);
	gate.waiting[~place] = opened;
	return turn;
};

/** A turn ends with a slot, or with the reason why there will be none. */
const checkSlot = slot => {
	if (typeof slot !== 'number') {
		throw slot;
	}
};

/** Has the slot given back when `result` settles, before anyone who awaits the value returned goes on. */
const whenEnded = (gate, slot, result) => {
	if (isPrimitive(result)) {
		gate.fulfilled(slot);
		return result;
	}

	const promise = promiseOf(result);
	const {fulfilled, rejected} = gate.ends[slot] ?? endsOf(gate, slot);
	promise.then(fulfilled, rejected);
	return promise;
};

const call0 = (turn, gate, fn) =>
	turn.then(slot => {
		checkSlot(slot);
		let result;
		try {
			result = fn();
		} catch (error) {
			gate.rejected(slot);
			throw error;
		}

		return whenEnded(gate, slot, result);
	});

const call1 = (turn, gate, fn, a) =>
	turn.then(slot => {
		checkSlot(slot);
		let result;
		try {
			result = fn(a);
		} catch (error) {
			gate.rejected(slot);
			throw error;
		}

		return whenEnded(gate, slot, result);
	});

const call2 = (turn, gate, fn, a, b) =>
	turn.then(slot => {
		checkSlot(slot);
		let result;
		try {
			result = fn(a, b);
		} catch (error) {
			gate.rejected(slot);
			throw error;
		}

		return whenEnded(gate, slot, result);
	});

/** The function that queues calls in a lane. */
const createCall = (gate, lane) =>
	({
		// A method, because an arrow function has no `arguments`, and a plain function could be constructed.
		limit(fn) {
			if (typeof fn !== 'function') {
				return Promise.reject(invalid('fn', 'a function', fn));
			}

			const turn = turnIn(gate, lane);
			switch (arguments.length) {
				case 1: {
					return call0(turn, gate, fn);
				}

				case 2: {
					return call1(turn, gate, fn, arguments[1]);
				}

				case 3: {
					return call2(turn, gate, fn, arguments[1], arguments[2]);
				}

				default: {
					const rest = slice.call(arguments, 1);
					return call0(turn, gate, () => fn(...rest));
				}
			}
		},
	}).limit;

module.exports = {createCall};
