'use strict';

// The two bindings of one limiter: random programs on both give the same answers, call by call, and the same numbers.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {loadAddon} = require('../../lib/binding/addon.js');
const {createWasmBinding} = require('../../lib/binding/wasm/create.js');
const {replaceClock} = require('../../lib/common/time.js');
const {needsModule, readModule} = require('./module.js');

/** In place of a cost: there is one for each quota. */
const BY_QUOTA = -2;

const PROGRAMS = 60;
const STEPS = 400;

const {addon} = loadAddon();

/** Random numbers that are the same in each run (mulberry32). */
class Dice {
	#state;

	constructor(seed) {
		this.#state = seed;
	}

	#next() {
		this.#state = (this.#state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	}

	/** A whole number below `end`. */
	below(end) {
		return Math.floor(this.#next() * end);
	}

	pick(list) {
		return list[this.below(list.length)];
	}

	chance(part) {
		return this.#next() < part;
	}
}

/** Rounds all numbers in plain data: the mathematical functions of two platforms differ in their last digits. */
const rounded = value => {
	if (typeof value === 'number') {
		return Number(value.toPrecision(12));
	}

	if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) {
		return value;
	}

	const entries = Object.entries(value).map(([key, each]) => [key, rounded(each)]);
	return Array.isArray(value) ? entries.map(([, each]) => each) : Object.fromEntries(entries);
};

let wasmTime = 0;
replaceClock({
	get time() {
		return wasmTime;
	},
});

/** One side of a comparison: a port of a binding, and what its calls answer. */
class Side {
	constructor({Port, kind}) {
		this.port = new Port();
		if (kind !== 'wasm') {
			this.port.beginTime();
		}
		this.hot = this.port.hotCalls();
		this.port.leases = [this.port.addLeases()];
	}

	/** A hot call: writes numbers, calls and reads the numbers that it gives. An error is an answer, too. */
	hotCall(name, ints, reals = [], answers = 1) {
		ints.forEach((number, index) => {
			this.hot.ints[index] = number;
		});
		reals.forEach((number, index) => {
			this.hot.reals[index] = number;
		});
		return this.#answer(() => {
			this.hot[name]();
			return [...this.hot.ints.subarray(0, answers)];
		});
	}

	/** In how many milliseconds there is room for a plain online call. */
	roomIn(gate) {
		return this.#answer(() => {
			this.hot.ints.set([gate, 0, 0, 1, -1, -1, 0, 0]);
			this.hot.roomIn();
			return this.hot.reals[0];
		});
	}

	/** WebAssembly reads the clock of the shim. */
	setClock(now) {
		if (this.port.passTime === undefined) {
			wasmTime = now;
		} else {
			this.port.passTime(now);
		}
	}

	/** What has no time of an earlier program. */
	restartClock() {
		this.port.endTime?.();
		this.port.beginTime?.();
		this.setClock(0);
	}

	call(name, ...args) {
		return this.#answer(() => this.port[name](...args));
	}

	#answer(call) {
		try {
			return rounded(call());
		} catch ({code, message}) {
			return {code, message};
		}
	}
}

/** A rate of any kind. */
const rateOf = dice =>
	dice.pick([
		{limit: 1 + dice.below(20), interval: 100, burst: 1 + dice.below(5)},
		{limit: 1 + dice.below(6), interval: 100, window: 'sliding'},
		{limit: 1 + dice.below(6), interval: 100, window: 'fixed', offset: dice.below(100), endsIn: 1 + dice.below(100)},
		{limit: 1 + dice.below(60), interval: Number.POSITIVE_INFINITY},
	]);

/** No rate, one, or several by name. */
const ratesOf = dice => {
	const number = dice.pick([0, 0, 1, 2, 3]);
	const rates = Array.from({length: number}, (_, place) => ({...rateOf(dice), name: `${place}`}));
	return number < 2 ? {rate: rates[0] && rateOf(dice)} : {quotas: rates};
};

const options = dice => {
	const isAdaptive = dice.chance(0.3);
	return {
		concurrency: isAdaptive ? undefined : 1 + dice.below(5),
		adaptive: isAdaptive ? {min: 1, max: 10, algorithm: dice.below(3)} : undefined,
		reserve: dice.pick([undefined, 0, 1, -5, Number.POSITIVE_INFINITY]),
		offlineShare: dice.pick([undefined, 0, 0.25]),
		maxOnline: dice.pick([undefined, 8]),
		maxOffline: dice.pick([undefined, 8]),
		overflow: dice.pick([0, 0, 1, 2, 3]),
		...ratesOf(dice),
	};
};

/** Runs a random program on both sides at once. `ask` makes a call on both, and throws if they differ. */
class Program {
	#dice;
	#ask;
	#now = 0;
	#gate;
	#waiting = new Set();
	#running = new Set();

	constructor(dice, ask) {
		this.#dice = dice;
		this.#ask = ask;
	}

	run() {
		const dice = this.#dice;
		const given = options(dice);
		this.#gate = this.#ask(side => side.call('createLocal', given));
		if (typeof this.#gate !== 'number') {
			return; // refused, in the same words
		}

		for (let step = 0; step < STEPS; step++) {
			this.#step(dice.below(24));
		}

		for (const of of ['stats', 'snapshot']) {
			this.#ask(side => side.call(of, this.#gate));
		}

		this.#ask(side => side.call('heldGates'));
		this.#ask(side => side.hotCall('dropGate', [this.#gate], [], 0));
	}

	#step(kind) {
		if (kind < 5) {
			this.#enqueueRequest();
		} else if (kind < 7) {
			this.#enqueue();
		} else if (kind === 7) {
			this.#enqueueBatch();
		} else if (kind < 12) {
			this.#settle();
		} else if (kind === 12) {
			this.#cancel();
		} else if (kind === 13) {
			this.#pauseOrResume();
		} else if (kind === 14) {
			this.#tryAgain();
		} else if (kind === 15) {
			this.#clear();
		} else if (kind === 16) {
			this.#charge();
		} else if (kind === 17) {
			this.#setRate();
		} else if (kind === 18) {
			this.#reprioritise();
		} else if (kind === 19) {
			this.#change();
		} else if (kind === 20) {
			this.#spend();
		} else if (kind === 21) {
			this.#changeQuota();
		} else {
			this.#pass(this.#dice.below(40));
		}
	}

	#enqueueRequest() {
		const dice = this.#dice;
		const weight = dice.chance(0.2) ? 2 : 1;
		const cost = dice.pick([-1, -1, -1, 3, BY_QUOTA]);
		const costs = Array.from({length: 8}, () => dice.below(6) - 1);
		const request = [this.#gate, dice.below(2), dice.below(3), weight, cost, -1, 0, 0, ...costs];
		this.#place(this.#ask(side => side.hotCall('enqueueRequest', request, [], 2)));
	}

	#enqueue() {
		const lane = this.#dice.below(2);
		this.#place(this.#ask(side => side.hotCall('enqueue', [this.#gate, lane], [], 2)));
	}

	#enqueueBatch() {
		const request = [this.#gate, 1, 0, 1, -1, -1, 3, 0];
		const [batch] = this.#asked(this.#ask(side => side.hotCall('enqueueBatch', request)));
		if (batch !== undefined) {
			this.#waiting.add(batch);
			this.#grantAll();
		}
	}

	#settle() {
		const end = this.#dice.pick(['fulfil', 'fulfil', 'reject', 'overload']);
		const slot = this.#dice.pick([...this.#running]);
		if (slot === undefined) {
			return;
		}

		this.#running.delete(slot);
		const [next] = this.#asked(this.#ask(side => side.hotCall(end, [this.#gate, slot], [], 2)));
		if (next >= 0) {
			this.#running.add(slot);
		}

		this.#grantAll();
	}

	#cancel() {
		const ticket = this.#dice.pick([...this.#waiting]);
		if (ticket !== undefined) {
			const cause = this.#dice.below(3);
			this.#waiting.delete(ticket);
			this.#ask(side => side.call('cancel', this.#gate, ticket, cause));
			this.#grantAll();
		}
	}

	#tryAgain() {
		const isOverload = this.#dice.chance(0.5);
		const slot = this.#dice.pick([...this.#running]);
		if (slot !== undefined) {
			this.#ask(side => side.call('attemptFailed', this.#gate, slot, isOverload));
			this.#ask(side => side.call('attempt', this.#gate, slot));
			this.#grantAll();
		}
	}

	#clear() {
		const lane = this.#dice.below(2);
		for (const ticket of this.#ask(side => side.call('clear', this.#gate, lane, false))) {
			this.#waiting.delete(ticket);
		}
	}

	#charge() {
		const cost = this.#dice.below(7) - 3;
		this.#ask(side => side.call('charge', this.#gate, cost));
		this.#ask(side => side.call('rate', this.#gate));
		this.#ask(side => side.roomIn(this.#gate));
		this.#grantAll();
	}

	/** Says what running work has really cost. */
	#spend() {
		const slot = this.#dice.pick([...this.#running]);
		const [quota, cost] = [this.#dice.below(4) - 1, this.#dice.below(6)];
		if (slot !== undefined) {
			this.#ask(side => side.call('spent', this.#gate, slot, quota, cost));
			this.#grantAll();
		}
	}

	#changeQuota() {
		const [rate, cost] = [rateOf(this.#dice), this.#dice.below(5) - 2];
		this.#ask(side => side.call('chargeQuota', this.#gate, 1, cost));
		if (this.#ask(side => side.call('quotas', this.#gate)).length > 1) {
			this.#ask(side => side.call('setQuota', this.#gate, 1, rate));
			this.#grantAll();
		}
	}

	#setRate() {
		const rate = rateOf(this.#dice);
		const lane = this.#dice.below(2);
		this.#ask(side => side.call('setRate', this.#gate, rate));
		this.#ask(side => side.call('slotsOf', this.#gate, lane));
	}

	#reprioritise() {
		const ticket = this.#dice.pick([...this.#waiting]);
		if (ticket !== undefined) {
			const place = [this.#dice.below(2), this.#dice.below(5) - 2];
			this.#ask(side => side.call('reprioritise', this.#gate, ticket, ...place));
			this.#grantAll();
		}

		this.#ask(side => side.call('calls', this.#gate));
	}

	/** Changes an option. */
	#change() {
		const lane = this.#dice.below(2);
		const [name, ...args] = this.#dice.pick([
			['setMaxQueue', lane, this.#dice.below(9)],
			['setReserve', this.#dice.pick([0, 1, 4, -5, Number.POSITIVE_INFINITY])],
			['setOfflineShare', this.#dice.pick([0, 0.5, 2])],
		]);
		this.#ask(side => side.call(name, this.#gate, ...args));
		this.#ask(side => side.call('maxQueue', this.#gate, lane));
		this.#ask(side => side.call('reserve', this.#gate));
		this.#ask(side => side.call('offlineShare', this.#gate));
		this.#ask(side => side.call('overflow', this.#gate));
		this.#grantAll();
	}

	#pauseOrResume() {
		const gate = this.#gate;
		const [name, ...args] = this.#dice.pick([['pause'], ['pauseFor', 15], ['resume', false], ['resume', true]]);
		this.#ask(side => side.call(name, gate, ...args));
		this.#ask(side => side.call('isPaused', gate));
		this.#grantAll();
	}

	#pass(millis) {
		this.#now += millis;
		this.#ask(side => side.setClock(this.#now));
		this.#ask(side => side.call('wakesIn', this.#gate));
		this.#grantAll();
	}

	/** The numbers of an answer; none of an error. */
	#asked(answer) {
		return Array.isArray(answer) ? answer : [];
	}

	#place(answer) {
		const [place] = this.#asked(answer);
		if (place >= 0) {
			this.#running.add(place);
		} else if (place !== undefined) {
			this.#waiting.add(~place);
		}

		this.#grantAll();
	}

	#grantAll() {
		for (;;) {
			const [ticket, slot] = this.#asked(this.#ask(side => side.hotCall('next', [this.#gate], [], 2)));
			if (ticket === undefined || ticket === -1) {
				return;
			}

			if (ticket === -4) {
				for (const left of this.#ask(side => side.call('takeDropped', this.#gate))) {
					this.#waiting.delete(left); // its lane does no harm: a ticket that waits no longer is not found
				}
			} else {
				this.#running.add(slot);
			}
		}
	}
}

describe('the addon and WebAssembly', needsModule, () => {
	const sides = [addon, createWasmBinding({bytes: readModule()})].map(binding => new Side(binding));

	test('are of one shape', () => {
		const [inAddon, inWasm] = sides.map(({hot}) => Object.keys(hot).sort());
		assert.deepEqual(inWasm, inAddon);
	});

	for (let seed = 1; seed <= PROGRAMS; seed++) {
		test(`answer alike: program ${seed}`, () => {
			const log = [];
			const ask = call => {
				const [given, expected] = [sides[1], sides[0]].map(side => call(side));
				assert.deepEqual(given, expected, `after ${log.length} calls: ${log.slice(-5).join('; ')}`);
				log.push(JSON.stringify(expected));
				return expected;
			};
			for (const side of sides) {
				side.restartClock();
			}

			new Program(new Dice(seed), ask).run();
		});
	}
});
