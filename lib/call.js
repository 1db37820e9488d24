'use strict';

// One call: waits for its slot in the context of who made it, runs, and gives the slot back.
//
// What the caller gets is `turn.then(run)`. `then` carries the async context; `turn` is a promise of the call's slot:
// one that is settled already where the gate has given a slot at once, else one whose `resolve` the call keeps until
// then. `run` is one function for all calls of a lane, which finds the call by its slot: a call that waits owns its two
// promises and one object, and few and small objects are what makes a long queue cheap.

const {invalid} = require('./errors.js');
const {endsOf} = require('./gate.js');
const {Task} = require('./task.js');
const {isPrimitive, watch} = require('./promises.js');

const {slice} = Array.prototype;

/** In place of an argument: there is none. */
const NONE = Symbol('none');

const none = [];

class Call {
	/** Settles the turn that it waits for. */
	open = undefined;

	constructor(fn, a, b) {
		this.fn = fn;
		this.a = a;
		this.b = b;
	}

	/** It waits; its ticket is not kept, as nobody asks a plain call for it. */
	waits(_, open) {
		this.open = open;
	}

	begin(gate, slot) {
		gate.running[slot] = this;
		this.open(slot);
	}

	/** It was cleared; without a reason nobody is told. */
	drop(reason) {
		if (reason !== undefined) {
			this.open({reason});
		}
	}

	run() {
		const {fn, a, b} = this;
		if (a === NONE) {
			return fn();
		}

		return b === NONE ? fn(a) : fn(a, b);
	}

	/** A promise of what running it has given; `ends` are to be told before anyone who awaits the call goes on. */
	follow(result, {fulfilled, rejected}) {
		return watch(result, fulfilled, rejected);
	}

	/** The same where that is no promise. */
	value(result) {
		return result;
	}

	ended() {}
}

/** Runs what has got a slot; a turn that ends with anything else brings the reason why there will be none. */
const createRun = (gate, asked) => slot => {
	if (typeof slot !== 'number') {
		throw slot.reason;
	}

	const call = gate.running[slot];
	gate.running[slot] = undefined;
	let result;
	try {
		result = gate.run(slot, call, asked);
	} catch (error) {
		call.ended();
		gate.rejected(slot, error);
		throw error;
	}

	if (isPrimitive(result)) {
		gate.fulfilled(slot);
		return call.value(result);
	}

	return call.follow(result, gate.ends[slot] ?? endsOf(gate, slot));
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

const notAFunction = fn => Promise.reject(invalid('fn', 'a function', fn));

/** The function that queues calls with no more to them than what they ask for. */
const createPlainCall = (gate, asked) => {
	const run = createRun(gate, asked);
	return {
		// A method, because an arrow function has no `arguments`, and a plain function could be constructed.
		limit(fn) {
			if (typeof fn !== 'function') {
				return notAFunction(fn);
			}

			try {
				return gate.start(callOf(fn, arguments), asked, run);
			} catch (error) {
				return Promise.reject(gate.refusalOf(error));
			}
		},
	}.limit;
};

/** Starts tasks, each with a promise of what comes of it. Throws where one may not come in. */
const createTaskStart = (gate, asked) => {
	const run = createRun(gate, asked);
	return task => {
		const promise = gate.start(task, asked, run);
		task.watch();
		return promise;
	};
};

/** The function that queues calls that may be given up, or run again. */
const createTaskCall = (gate, asked, options) => {
	const start = createTaskStart(gate, asked);
	return {
		limit(fn) {
			if (typeof fn !== 'function') {
				return notAFunction(fn);
			}

			if (options.signal?.aborted) {
				return Promise.reject(options.signal.reason);
			}

			try {
				return start(new Task(gate, options, fn, arguments.length === 1 ? none : slice.call(arguments, 1)));
			} catch (error) {
				return Promise.reject(gate.refusalOf(error));
			}
		},
	}.limit;
};

const isTask = ({signal, queueTimeout, timeout, retry}) =>
	!(signal === undefined && queueTimeout === undefined && timeout === undefined && retry === undefined);

/** The function that queues calls in a lane, with options bound. */
const createCall = (gate, asked, options) =>
	isTask(options) ? createTaskCall(gate, asked, options) : createPlainCall(gate, asked);

module.exports = {createCall, createTaskStart, isTask};
