'use strict';

// Promises that resolve when the queue is shorter: `ready`, `onSizeLessThan`, `onEmpty`, `onIdle`.

const {nextTick, queueMicrotask} = require('../common/environment.js');
const {Fifo} = require('../common/fifo.js');
const {Heap} = require('../common/heap.js');
const {resolved} = require('../common/promises.js');
const {WakeTimer} = require('./wake-timer.js');

/** As a count falls, the callers that wait for the largest number are met first. */
const isMetBefore = (a, b) => a.below > b.below;

class QueueConditions {
	#gate;

	/** By the function that counts: callers that wait until it counts fewer than their number. There may be many. */
	#waitersByCount = new Map();

	/** How many callers have waited for a count: those that are met together go on in the order of their arrival. */
	#arrivals = 0;

	/** By lanes: the functions that count there. Callers that wait for the same count share one function. */
	#counts = new Map();

	/** By lane: callers of `ready`, in order of arrival. There may be many, so only the first is checked. */
	#readyQueues = [new Fifo(), new Fifo()];

	/** By lane: whether a caller was just admitted and has not entered yet. */
	#isAdmitting = [false, false];

	/** Checks again when time alone makes room. */
	#wakeTimer = new WakeTimer(() => this.check());

	constructor(gate) {
		this.#gate = gate;
	}

	/** Resolves when fewer calls than `below` wait in the lanes, or with `orRun` wait or run. */
	untilFewer(below, lanes, orRun = false) {
		const key = `${lanes} ${orRun}`;
		let count = this.#counts.get(key);
		if (count === undefined) {
			const gate = this.#gate;
			const {active, pending} = gate.native;
			count = orRun ? () => gate.count(pending, lanes) + gate.count(active, lanes) : () => gate.count(pending, lanes);
			this.#counts.set(key, count);
		}

		return this.until(count, below);
	}

	/** Resolves as soon as `count()` is below a number. */
	until(count, below) {
		if (count() < below) {
			return resolved;
		}

		let waiters = this.#waitersByCount.get(count);
		if (waiters === undefined) {
			waiters = new Heap(isMetBefore);
			this.#waitersByCount.set(count, waiters);
		}

		const promise = this.#addWaiter(waiters, {below, arrival: this.#arrivals++});
		// Another thread may have met the condition before the gate knew that a caller waits.
		if (count() < below) {
			this.check();
		} else {
			this.#gate.stillWaiting();
		}

		return promise;
	}

	/**
	 * Resolves when there is room for a call with this request, for one caller after the other in order of arrival.
	 * Rejects if the gate is closed.
	 */
	ready(request) {
		if (this.#gate.isClosed) {
			return Promise.reject(this.#gate.closed());
		}

		const readyQueue = this.#readyQueues[request.lane];
		const isFirst = readyQueue.first === undefined;
		if (isFirst && this.#roomIn(request) === 0) {
			this.#admit(request.lane);
			return resolved;
		}

		const promise = this.#addWaiter(readyQueue, {request});
		if (isFirst) {
			this.check();
		}

		return promise;
	}

	/** Rejects all callers of `ready`. */
	close(error) {
		for (const readyQueue of this.#readyQueues) {
			for (const {reject} of readyQueue.clear()) {
				reject(error);
			}
		}

		this.#wakeTimer.clear();
	}

	/** Called when work has begun, ended or left, or time has passed. */
	check() {
		const met = this.#takeMet();
		let nextIn = Number.POSITIVE_INFINITY;
		for (const readyQueue of this.#readyQueues.filter(({first}) => first !== undefined)) {
			const {request} = readyQueue.first;
			const roomIn = this.#roomIn(request);
			if (roomIn === 0) {
				met.push(readyQueue.shift());
				this.#admit(request.lane);
			} else {
				nextIn = Math.min(nextIn, roomIn);
			}
		}

		this.#wakeTimer.set(nextIn);

		if (this.#waitersByCount.size === 0 && this.#readyQueues.every(({first}) => first === undefined)) {
			this.#gate.setActiveConditions(undefined);
		} else {
			this.#gate.stillWaiting();
		}

		for (const {resolve} of met) {
			resolve();
		}
	}

	/** Removes and returns the callers whose count is low enough, in the order of their arrival. Looks at no others. */
	#takeMet() {
		const met = [];
		for (const [count, waiters] of this.#waitersByCount) {
			const counted = count();
			while (waiters.first?.below > counted) {
				met.push(waiters.shift());
			}

			if (waiters.first === undefined) {
				this.#waitersByCount.delete(count);
			}
		}

		return met.sort((a, b) => a.arrival - b.arrival);
	}

	#addWaiter(queue, waiter) {
		return new Promise((resolve, reject) => {
			queue.push(Object.assign(waiter, {resolve, reject}));
			this.#gate.setActiveConditions(this);
		});
	}

	/**
	 * Returns in how many milliseconds time alone lets the first caller enter a lane. `Infinity` until an admitted caller
	 * has entered: a check follows then.
	 */
	#roomIn(request) {
		return this.#isAdmitting[request.lane] ? Number.POSITIVE_INFINITY : this.#gate.roomIn(request);
	}

	/** Admits a caller. It enters the lane in the microtasks that follow. Then others may. */
	#admit(lane) {
		this.#isAdmitting[lane] = true;
		queueMicrotask(() => {
			nextTick(() => {
				this.#isAdmitting[lane] = false;
				this.check();
			});
		});
	}
}

module.exports = {QueueConditions};
