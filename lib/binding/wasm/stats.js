'use strict';

// Reads the numbers of a limit from the list that Rust makes of them (`src/wasm/numbers.rs`), in its order.

const {LANE_COUNTERS} = require('../../common/lane-counters.js');

/** What there is not is NaN in the list, and left out of the objects. */
const isGiven = number => !Number.isNaN(number);

/** The windows by their numbers in Rust. */
const WINDOWS = [undefined, 'sliding', 'fixed'];

class Reader {
	#instance;
	#list;
	#at = 0;

	/** The names of the quotas. */
	#names;

	/** `length` is what the call has returned that made the list. */
	constructor(instance, length, names) {
		this.#instance = instance;
		this.#names = names;
		this.#list = instance.list(length).slice();
	}

	/** The next number. */
	one() {
		return this.#list[this.#at++];
	}

	/** The next numbers, by their names. */
	named(...names) {
		return Object.fromEntries(names.map(name => [name, this.one()]));
	}

	text() {
		const address = this.one();
		const length = this.one();
		return isGiven(address) ? this.#instance.text(address, length) : undefined;
	}

	quantiles() {
		return this.named('count', 'p50', 'p90', 'p99', 'max');
	}

	lane() {
		const counts = this.named('active', 'pending', ...LANE_COUNTERS);
		const pauseEndsIn = this.one();
		const oldest = this.named('age', 'slot');
		const lane = {...counts, wait: this.quantiles(), run: this.quantiles(), pauseEndsIn};
		const rateWait = this.quantiles();
		return {lane, rateWait, oldest: isGiven(oldest.age) ? oldest : undefined};
	}

	reserve() {
		const slots = this.one();
		const reason = this.text();
		const wait = this.one();
		return {slots, reason, ...(isGiven(wait) && {wait}), ...this.named('load', 'peakedness')};
	}

	rate() {
		const rate = this.named('available', 'limit', 'interval', 'burst');
		const window = WINDOWS[this.one()];
		return isGiven(rate.limit) ? {...rate, ...(window && {window})} : undefined;
	}

	quotas() {
		const length = this.one();
		const quotas = Array.from({length}, (_, place) => ({...this.rate(), name: this.#names[place]}));
		return length === 0 ? undefined : quotas;
	}

	adaptive() {
		const numbers = this.named('samples', 'baseline', 'recent', 'inFlight', 'queue', 'overloads', 'stray');
		const reason = this.text();
		const adaptive = {...numbers, reason, ...this.named('raises', 'reductions')};
		return reason === undefined ? undefined : adaptive;
	}

	stats() {
		const concurrency = this.one();
		const lanes = [this.lane(), this.lane()];
		const reserve = this.reserve();
		const rate = this.rate();
		const quotas = this.quotas();
		const adaptive = this.adaptive();
		const [online, offline] = lanes.map(({lane, rateWait, oldest}) => ({
			...lane,
			...((rate ?? quotas) && {rateWait}),
			...(oldest && {oldest}),
		}));
		return {
			concurrency,
			online,
			offline,
			reserve,
			...(adaptive && {adaptive}),
			...(rate && {rate}),
			...(quotas && {quotas}),
		};
	}

	histogram() {
		const {count, sum, length} = this.named('count', 'sum', 'length');
		const counts = this.#list.slice(this.#at, this.#at + length);
		this.#at += length;
		return {count, sum, counts};
	}

	snapshot() {
		const stats = this.stats();
		const histograms = [0, 1].map(() => {
			const [wait, run, rateWait] = [this.histogram(), this.histogram(), this.histogram()];
			return {wait, run, ...((stats.rate ?? stats.quotas) && {rateWait})};
		});
		return {stats, histograms};
	}
}

const statsOf = (instance, length, names) => new Reader(instance, length, names).stats();
const snapshotOf = (instance, length, names) => new Reader(instance, length, names).snapshot();

module.exports = {snapshotOf, statsOf};
