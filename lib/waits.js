'use strict';

// Promises of a shorter queue: `ready`, `onSizeLessThan`, `onEmpty`, `onIdle`.

const process = require('node:process');

const {Fifo} = require('./fifo.js');
const {resolved} = require('./promises.js');

class Waits {
	#gate;

	/** Who waits for a condition. */
	#conditions = [];

	/** By lane: who waits to enter it, in the order they came. Only the first is looked at: they may be many. */
	#entrances = [new Fifo(), new Fifo()];

	/** By lane: somebody was just told to enter. */
	#isTold = [false, false];

	constructor(gate) {
		this.#gate = gate;
	}

	/** Resolves as soon as the condition holds. */
	until(isMet) {
		return isMet() ? resolved : this.#wait(this.#conditions, {isMet});
	}

	/** Resolves when there is room for a call that asks for this, for one after the other in the order they came. */
	ready(asked) {
		const entrance = this.#entrances[asked.lane];
		if (entrance.first === undefined && this.#mayEnter(asked)) {
			this.#tell(asked.lane);
			return resolved;
		}

		return this.#wait(entrance, {asked});
	}

	/** Nobody gets in any more. */
	close(error) {
		for (const entrance of this.#entrances) {
			for (const {reject} of entrance.clear()) {
				reject(error);
			}
		}
	}

	/** Something has begun, ended or left. */
	look() {
		const met = [];
		this.#conditions = this.#conditions.filter(wait => {
			const isMet = wait.isMet();
			if (isMet) {
				met.push(wait);
			}

			return !isMet;
		});
		for (const entrance of this.#entrances) {
			if (entrance.first !== undefined && this.#mayEnter(entrance.first.asked)) {
				const wait = entrance.shift();
				this.#tell(wait.asked.lane);
				met.push(wait);
			}
		}

		if (this.#conditions.length === 0 && this.#entrances.every(({first}) => first === undefined)) {
			this.#gate.setWaits(undefined);
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

	#mayEnter(asked) {
		return !this.#isTold[asked.lane] && this.#gate.hasRoom(asked);
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
