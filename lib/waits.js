'use strict';

// Promises of a shorter queue: `ready`, `onSizeLessThan`, `onEmpty`, `onIdle`.

const process = require('node:process');

const {Fifo} = require('./fifo.js');
const {resolved} = require('./promises.js');
const {Wakeup} = require('./wakeup.js');

class Waits {
	#gate;

	/** Who waits for a condition. */
	#conditions = [];

	/** By lane: who waits to enter it, in the order they came. Only the first is looked at: they may be many. */
	#entrances = [new Fifo(), new Fifo()];

	/** By lane: somebody was just told to enter. */
	#isTold = [false, false];

	/** For when time alone makes room. */
	#wakeup = new Wakeup(() => this.look());

	constructor(gate) {
		this.#gate = gate;
	}

	/** Resolves as soon as the condition holds. */
	until(isMet) {
		if (isMet()) {
			return resolved;
		}

		const told = this.#wait(this.#conditions, {isMet});
		// Another thread may have brought it about before it was known here that somebody waits.
		if (isMet()) {
			this.look();
		} else {
			this.#gate.waitsOn();
		}

		return told;
	}

	/**
	 * Resolves when there is room for a call that asks for this, for one after the other in the order they came. Where the
	 * gate is closed nobody is told of that any more.
	 */
	ready(asked) {
		if (this.#gate.isClosed) {
			return Promise.reject(this.#gate.closed());
		}

		const entrance = this.#entrances[asked.lane];
		const isFirst = entrance.first === undefined;
		if (isFirst && this.#entersIn(asked) === 0) {
			this.#tell(asked.lane);
			return resolved;
		}

		const told = this.#wait(entrance, {asked});
		if (isFirst) {
			this.look();
		}

		return told;
	}

	/** Nobody gets in any more. */
	close(error) {
		for (const entrance of this.#entrances) {
			for (const {reject} of entrance.clear()) {
				reject(error);
			}
		}

		this.#wakeup.clear();
	}

	/** Something has begun, ended or left, or time has passed. */
	look() {
		const met = [];
		this.#conditions = this.#conditions.filter(wait => {
			const isMet = wait.isMet();
			if (isMet) {
				met.push(wait);
			}

			return !isMet;
		});
		let nextIn = Number.POSITIVE_INFINITY;
		for (const entrance of this.#entrances.filter(({first}) => first !== undefined)) {
			const {asked} = entrance.first;
			const entersIn = this.#entersIn(asked);
			if (entersIn === 0) {
				met.push(entrance.shift());
				this.#tell(asked.lane);
			} else {
				nextIn = Math.min(nextIn, entersIn);
			}
		}

		this.#wakeup.set(nextIn);

		if (this.#conditions.length === 0 && this.#entrances.every(({first}) => first === undefined)) {
			this.#gate.setWaits(undefined);
		} else {
			this.#gate.waitsOn();
		}

		for (const {resolve} of met) {
			resolve();
		}
	}

	#wait(waiting, wait) {
		return new Promise((resolve, reject) => {
			waiting.push(Object.assign(wait, {resolve, reject}));
			this.#gate.setWaits(this);
		});
	}

	/** In how many milliseconds the first may enter a lane by time alone. Who was just told goes before: it is looked after that. */
	#entersIn(asked) {
		return this.#isTold[asked.lane] ? Number.POSITIVE_INFINITY : this.#gate.roomIn(asked);
	}

	/** Somebody goes on now, and enters the lane in the microtasks that follow; then others may. */
	#tell(lane) {
		this.#isTold[lane] = true;
		queueMicrotask(() => {
			process.nextTick(() => {
				this.#isTold[lane] = false;
				this.look();
			});
		});
	}
}

module.exports = {Waits};
