'use strict';

// The port: the calls of the WebAssembly module that are made now and then.

const {createHotCalls} = require('./hot-calls.js');
const {snapshotOf, statsOf} = require('./stats.js');

/** Exports that take and return numbers alone, and are called as they are. */
const NUMBERS = [
	'attemptFailed',
	'awaitRunning',
	'cancel',
	'cancelAttempt',
	'charge',
	'close',
	'correct',
	'givenUp',
	'lend',
	'makeFair',
	'maxQueue',
	'offlineShare',
	'overflow',
	'pause',
	'pauseFor',
	'raise',
	'reserve',
	'resume',
	'roomIn',
	'setMaxQueue',
	'takeBack',
	'wakesIn',
];

/** Exports that return whether something is so. */
const QUESTIONS = ['attempt', 'isClosed', 'isOver', 'isPaused'];

/** Exports that may fail. */
const FALLIBLE = ['checkWeight', 'join', 'setOfflineShare', 'setReserve'];

/** So many leases, of so many numbers each, are in one array; see `src/limiter/types/lease.rs`. */
const LEASES = 64 * 32;

/** Numbers that are not given are NaN. */
const NOT_GIVEN = Number.NaN;

/** In place of a scope or an algorithm: none. */
const NONE = -1;

/** Creates the class of ports of an instance. `needsAddon(what)` returns the error of what there is not. */
const createPortClass = (instance, needsAddon) => {
	const {exports} = instance;

	return class Port {
		/** The arrays of the leases, once the shim has set it. They are replaced there when the memory has grown. */
		leases = [];

		/** The addresses of the leases. */
		#addresses = [];

		constructor() {
			for (const name of NUMBERS) {
				this[name] = exports[name];
			}

			for (const name of QUESTIONS) {
				const ask = exports[name];
				this[name] = (...args) => ask(...args) === 1;
			}

			for (const name of FALLIBLE) {
				const call = exports[name];
				this[name] = (...args) => instance.check(call(...args));
			}

			instance.view(buffer => {
				for (const index of this.leases.keys()) {
					this.leases[index] = new Int32Array(buffer, this.#addresses[index], LEASES);
				}
			});
		}

		hotCalls() {
			return createHotCalls(instance);
		}

		addLeases() {
			const address = exports.addLeases();
			this.#addresses.push(address);
			return new Int32Array(exports.memory.buffer, address, LEASES);
		}

		createLocal({concurrency, adaptive, reserve, offlineShare, maxOnline, maxOffline, overflow, rate}) {
			const gate = exports.createLocal(
				concurrency ?? NOT_GIVEN,
				reserve ?? NOT_GIVEN,
				offlineShare ?? NOT_GIVEN,
				maxOnline ?? NOT_GIVEN,
				maxOffline ?? NOT_GIVEN,
				overflow ?? 0,
				adaptive !== undefined,
				adaptive?.min ?? NOT_GIVEN,
				adaptive?.max ?? NOT_GIVEN,
				adaptive?.initial ?? NOT_GIVEN,
				adaptive?.algorithm ?? NONE,
				rate?.limit ?? NOT_GIVEN,
				rate?.interval ?? NOT_GIVEN,
				rate?.burst ?? NOT_GIVEN,
			);
			if (gate < 0) {
				throw instance.failure();
			}

			return gate;
		}

		/** The shim asks for messages when the first limit is given a name. */
		onMessages() {
			throw needsAddon('a limit with a `name`, which all threads of the process share,');
		}

		retryAfter(gate, slot, duration, scope = NONE) {
			exports.retryAfter(gate, slot, duration, scope);
		}

		rate(gate) {
			const [limit, interval, burst] = instance.list(exports.rate(gate));
			return limit === undefined ? null : {limit, interval, burst};
		}

		setRate(gate, {limit, interval, burst = NOT_GIVEN}) {
			instance.check(exports.setRate(gate, limit, interval, burst));
		}

		reprioritise(gate, ticket, lane, priority) {
			const moved = exports.reprioritise(gate, ticket, lane, priority);
			if (moved < 0) {
				throw instance.failure();
			}

			return moved === 1;
		}

		takeDropped(gate) {
			return Uint32Array.from(instance.list(exports.takeDropped(gate)));
		}

		calls(gate) {
			return instance.list(exports.calls(gate)).slice();
		}

		clear(gate, lane) {
			return Uint32Array.from(instance.list(exports.clear(gate, lane)));
		}

		slotsOf(gate, lane) {
			return Uint32Array.from(instance.list(exports.slotsOf(gate, lane)));
		}

		heldGates() {
			const list = instance.list(exports.heldGates());
			return Array.from({length: list.length / 3}, (_, index) => {
				const [gate, runs, waits] = list.subarray(3 * index);
				return {gate, runs, waits};
			});
		}

		stats(gate) {
			return statsOf(instance, exports.stats(gate));
		}

		snapshot(gate) {
			return snapshotOf(instance, exports.snapshot(gate));
		}
	};
};

module.exports = {createPortClass};
