'use strict';

const {setTimeout: sleep} = require('node:timers/promises');

const [ACTIVE, MOST, LENGTH, LOG] = [0, 1, 2, 3];
const SIZE = 20_000;

/** What all threads write on: how many tasks run, how many ever ran at once, and a log of numbers. */
class Board {
	#cells;

	constructor(memory = new SharedArrayBuffer(SIZE * Int32Array.BYTES_PER_ELEMENT)) {
		this.memory = memory;
		this.#cells = new Int32Array(memory);
	}

	/** A task runs while `work` does. */
	async during(work) {
		const active = Atomics.add(this.#cells, ACTIVE, 1) + 1;
		let most = Atomics.load(this.#cells, MOST);
		while (active > most) {
			most = Atomics.compareExchange(this.#cells, MOST, most, active) === most ? active : this.most;
		}

		await work();
		Atomics.sub(this.#cells, ACTIVE, 1);
	}

	get active() {
		return Atomics.load(this.#cells, ACTIVE);
	}

	get most() {
		return Atomics.load(this.#cells, MOST);
	}

	note(number) {
		Atomics.store(this.#cells, LOG + Atomics.add(this.#cells, LENGTH, 1), number);
	}

	get length() {
		return Atomics.load(this.#cells, LENGTH);
	}

	get log() {
		return [...this.#cells.subarray(LOG, LOG + this.length)];
	}

	/** Resolves when so much has been noted. */
	async reaches(length) {
		while (this.length < length) {
			await sleep(1);
		}

		return this.log;
	}
}

module.exports = {Board};
