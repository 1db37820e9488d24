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
	'chargeQuota',
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
	'setMaxQueue',
	'spent',
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

/** The windows by their numbers in Rust. */
const WINDOWS = [undefined, 'sliding', 'fixed'];

/** How many numbers a rate has. */
const RATE_NUMBERS = 6;

const isGiven = number => !Number.isNaN(number);

/** The rate of these numbers, without what was not given. */
const rateOf = ([limit, interval, burst, window, offset, endsIn]) => ({
	limit,
	interval,
	...(isGiven(burst) && {burst}),
	...(window > 0 && {window: WINDOWS[window]}),
	...(isGiven(offset) && {offset, endsIn}),
});

/** Creates the class of ports of an instance. `needsAddon(what)` returns the error of what there is not. */
const createPortClass = (instance, needsAddon) => {
	const {exports} = instance;

	return class Port {
		/** The arrays of the leases, once the shim has set it. They are replaced there when the memory has grown. */
		leases = [];

		/** The names of the quotas of gates that have some. A number that belongs to another gate meanwhile is set anew. */
		#names = new Map();

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

		/** Gives a rate for the next call that takes some. */
		#giveRate({limit, interval, burst = NOT_GIVEN, window, offset = NOT_GIVEN, endsIn = NOT_GIVEN}) {
			exports.giveRate(limit, interval, burst, WINDOWS.indexOf(window), offset, endsIn);
		}

		createLocal({concurrency, adaptive, reserve, offlineShare, maxOnline, maxOffline, overflow, rate, quotas}) {
			for (const given of quotas ?? (rate === undefined ? [] : [rate])) {
				this.#giveRate(given);
			}

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
				quotas !== undefined,
			);
			if (gate < 0) {
				throw instance.failure();
			}

			if (quotas !== undefined) {
				this.#names.set(
					gate,
					quotas.map(({name}) => name),
				);
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

		learn(gate, place, {slot, ago, limit, remaining, resetsIn, window}) {
			const numbers = [ago, limit, remaining, resetsIn, window].map(number => number ?? NOT_GIVEN);
			return exports.learn(gate, place, slot, ...numbers) === 1;
		}

		rate(gate) {
			const numbers = instance.list(exports.rate(gate));
			return numbers.length === 0 ? null : rateOf(numbers);
		}

		setRate(gate, rate) {
			this.#giveRate(rate);
			instance.check(exports.setRate(gate));
		}

		quotas(gate) {
			const list = instance.list(exports.quotas(gate));
			const of = (name, index) => ({name, ...rateOf(list.slice(RATE_NUMBERS * index, RATE_NUMBERS * (index + 1)))});
			return list.length === 0 ? [] : this.#names.get(gate).map((name, index) => of(name, index));
		}

		setQuota(gate, place, rate) {
			this.#giveRate(rate);
			instance.check(exports.setQuota(gate, place));
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
			return statsOf(instance, exports.stats(gate), this.#names.get(gate));
		}

		snapshot(gate) {
			return snapshotOf(instance, exports.snapshot(gate), this.#names.get(gate));
		}
	};
};

module.exports = {createPortClass};
