'use strict';

// What all threads of a run count, in memory that they share: it stays when a thread is killed.

const {Census} = require('../../__test__/shared/census.js');

/** The limits that all threads share, each with what may run at once: of all, and of its offline lane. */
const LIMITS = {
	plain: {concurrency: 5, reserve: 2, rejectOnClear: true},
	rated: {concurrency: 4, rate: {limit: 300, interval: 1000, burst: 20}, reserve: 0, rejectOnClear: true},
	lend: {concurrency: 3, nested: 'lend', reserve: 0, rejectOnClear: true},
	detect: {concurrency: 3, nested: 'detect', reserve: 0, rejectOnClear: true},
	total: {concurrency: 4, reserve: 0, rejectOnClear: true},
	adaptive: {concurrency: {min: 1, max: 8, initial: 4}, rejectOnClear: true},
};

const mostOf = ({concurrency, reserve = 0}) => {
	const most = concurrency.max ?? concurrency;
	return [most, most - reserve];
};

const [BEGUN, SETTLED, STARTS, FAULTS] = [0, 1, 2, 3];
const CELLS = 4;
/** Jobs of the pools that can be told apart. */
const JOBS = 1 << 20;

class Counts {
	/** Threads that use the limits at a time, the main one included. */
	static THREADS = Census.THREADS;

	constructor(memory = {}) {
		memory.calls ??= new SharedArrayBuffer(4 * CELLS * Census.THREADS);
		memory.jobs ??= new SharedArrayBuffer(JOBS);
		memory.serial ??= new SharedArrayBuffer(4);
		memory.censuses ??= Object.fromEntries(Object.keys(LIMITS).map(name => [name, new Census().memory]));
		this.memory = memory;
		this.censuses = Object.fromEntries(
			Object.entries(memory.censuses).map(([name, cells]) => [name, new Census(cells)]),
		);
		this.calls = new Int32Array(memory.calls);
		this.jobs = new Uint8Array(memory.jobs);
		this.serial = new Int32Array(memory.serial);
	}

	/** Counts that work runs at a shared limit while it does. */
	during(name, thread, {weight = 1, isOffline = false}, work) {
		return this.censuses[name].during({thread, weight, isOffline, most: mostOf(LIMITS[name])}, work);
	}

	/** Counts that a call has been made, and that it was settled. */
	async track(thread, call) {
		Atomics.add(this.calls, CELLS * thread + BEGUN, 1);
		try {
			return await call();
		} finally {
			Atomics.add(this.calls, CELLS * thread + SETTLED, 1);
		}
	}

	/** Counts a start at the limit with a rate. */
	start(thread) {
		Atomics.add(this.calls, CELLS * thread + STARTS, 1);
	}

	/** Something that may not be has been seen. The text goes to standard error at once. */
	fault(thread, text) {
		Atomics.add(this.calls, CELLS * thread + FAULTS, 1);
		require('node:fs').writeSync(2, `fault: ${text}\n`);
	}

	/** A number for a job, and a mark when it has run. */
	newJob() {
		return Atomics.add(this.serial, 0, 1) % JOBS;
	}

	/** How often a job has run before. */
	ran(job) {
		return Atomics.add(this.jobs, job, 1);
	}

	#sum(cell) {
		let sum = 0;
		for (let thread = 0; thread < Census.THREADS; thread++) {
			sum += Atomics.load(this.calls, CELLS * thread + cell);
		}

		return sum;
	}

	get begun() {
		return this.#sum(BEGUN);
	}

	get settled() {
		return this.#sum(SETTLED);
	}

	get starts() {
		return this.#sum(STARTS);
	}

	get faults() {
		return this.#sum(FAULTS);
	}

	/** Calls of a thread that were made and not settled. */
	openCalls(thread) {
		return Atomics.load(this.calls, CELLS * thread + BEGUN) - Atomics.load(this.calls, CELLS * thread + SETTLED);
	}

	/** A thread is about to die. */
	mark(thread) {
		for (const census of Object.values(this.censuses)) {
			census.mark(thread);
		}
	}

	/** A thread is dead: its open calls are nobody's any more. Gives how many those were. */
	bury(thread) {
		for (const census of Object.values(this.censuses)) {
			census.bury(thread);
		}

		const lost = this.openCalls(thread);
		Atomics.sub(this.calls, CELLS * thread + BEGUN, lost);
		return lost;
	}

	get broken() {
		return Object.entries(this.censuses)
			.filter(([, census]) => census.broken > 0)
			.map(([name, census]) => `${name} (${census.broken} times)`);
	}

	get running() {
		return Object.values(this.censuses).reduce((sum, census) => sum + census.running, 0);
	}

	get isOver() {
		return this.censuses.plain.isOver;
	}

	end() {
		this.censuses.plain.end();
	}
}

module.exports = {Counts, JOBS, LIMITS};
