'use strict';

// Calls made inside tasks of the same limit (option `nested`); see `ancestry.js`. Rust is told the slot of the outer
// task, and lends it to inner calls ('lend') or refuses calls that could never run ('detect').

const {Ancestry} = require('./ancestry.js');
const {Gate} = require('./gate.js');
const {NO_SLOT, enqueueBatch, enqueueRequest, port} = require('./native.js');

/** A task that runs in a slot. */
class OuterTask {
	isRunning = true;

	/** The frame of the task's own call. */
	frame = undefined;

	/** In a limit behind another one: the calls made inside the task that have come from there and wait here. */
	arrived = undefined;

	add(call) {
		this.arrived ??= new Set();
		this.arrived.add(call);
	}

	constructor(slot) {
		this.slot = slot;
	}
}

/** A gate that tracks which of its calls are made inside others. */
class NestedGate extends Gate {
	#ancestry = new Ancestry(this);
	#lends;

	/** By slot. */
	#outerTasks = [];

	constructor(settings, handle) {
		super(settings, handle);
		this.#lends = settings.nested === 'lend';
	}

	get leases() {
		return false;
	}

	enqueue(request) {
		return enqueueRequest(this.handle, request, this.#outerSlotOf(request), this.#lends && !request.holds);
	}

	enqueueBatch(request, units) {
		return enqueueBatch(this.handle, request, units, this.#outerSlotOf(request), this.#lends);
	}

	located(request) {
		return {...request, outer: this.#outerTask};
	}

	relocate(request) {
		request.outer = this.#outerTask ?? request.outer;
	}

	roomIn(request) {
		return super.roomIn(request, this.#lends && !request.holds ? this.#outerSlotOf(request) : NO_SLOT);
	}

	/** Throws if a task would wait for a flight that it runs inside, or that could then never get a slot. */
	join(flight, lane) {
		for (let frame = this.#ancestry.current; frame !== undefined; frame = frame.runningParent) {
			if (frame.call === flight) {
				this.countRefused(lane, 1);
				throw this.refusalOf({
					code: 'ERR_DEADLOCK',
					message: 'a task waits for itself: it calls `once` under its own key',
				});
			}
		}

		const outer = this.#outerTask?.slot;
		if (outer !== undefined) {
			this.#waitFor(flight, outer, lane);
		}
	}

	#waitFor(flight, outer, lane) {
		if (this.#lends) {
			this.#lendTo(flight, outer);
		} else if (flight.ticket >= 0) {
			port.join(this.handle, flight.ticket, outer, lane);
		}
	}

	#lendTo(call, outer) {
		if (call.ticket >= 0) {
			port.lend(this.handle, call.ticket, outer);
		} else {
			// It has its slot before it begins, and its flight may be joined for a moment after it has ended.
			const slot = this.running.indexOf(call);
			if (slot !== NO_SLOT) {
				port.awaitRunning(this.handle, slot, outer);
			}
		}

		this.startNext();
	}

	joinBefore(flight, lane) {
		const outer = this.#outerTask;
		if (outer === undefined) {
			return;
		}

		const call = flight.nextIn(this);
		if (call !== undefined) {
			this.#waitFor(call, outer.slot, lane);
		} else if (this.#lends) {
			flight.joiners.push({gate: this, outer}); // until the flight comes here
		}
	}

	arrives(call, joiners = []) {
		if (!this.#lends) {
			return;
		}

		if (call.ticket >= 0 && !call.holds) {
			call.lender = this.#outerTask;
			call.lender?.add(call);
		}

		for (const {gate, outer} of joiners) {
			if (gate === this && outer.isRunning) {
				this.#lendTo(call, outer.slot);
			}
		}
	}

	run(slot, call, request) {
		const outer = new OuterTask(slot);
		this.#outerTasks[slot] = outer;
		return this.#ancestry.enter(outer, call, frame => {
			outer.frame = frame;
			return super.run(slot, call, request);
		});
	}

	fulfilled(slot) {
		this.#endOuterTask(slot);
		super.fulfilled(slot);
	}

	endRejected(slot, isOverload) {
		this.#endOuterTask(slot);
		super.endRejected(slot, isOverload);
	}

	#endOuterTask(slot) {
		const outer = this.#outerTasks[slot]; // undefined if a map was stopped before its item began here
		if (outer !== undefined) {
			this.#outerTasks[slot] = undefined;
			outer.isRunning = false;
			outer.frame.end();
			this.#handOn(outer);
		}
	}

	/**
	 * A task has ended before calls that it has made, which hold slots of a limit before this one. Those may be lent by the
	 * task around it, which would then wait for them: so that one lends its slot of this limit, too.
	 */
	#handOn({arrived = [], frame}) {
		const lender = frame.parent?.outer;
		for (const call of arrived) {
			call.lender = lender;
			if (lender !== undefined && call.ticket >= 0) {
				lender.add(call);
				port.lend(this.handle, call.ticket, lender.slot);
			}
		}
	}

	unitFulfilled(_, {slot}) {
		this.fulfilled(slot);
	}

	/** The slot of the task that a call with this request is made in. */
	#outerSlotOf(request) {
		const outer = 'outer' in request ? request.outer : this.#outerTask;
		return outer?.isRunning ? outer.slot : NO_SLOT;
	}

	/** The task that the current call is made in, if it still runs. */
	get #outerTask() {
		return this.#ancestry.current?.outer;
	}
}

module.exports = {NestedGate};
