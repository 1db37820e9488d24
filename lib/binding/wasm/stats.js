'use strict';

// Reads the numbers of a limit from the list that Rust makes of them (`src/wasm/numbers.rs`), in its order.

/** What there is not is NaN in the list, and left out of the objects. */
const isGiven = number => !Number.isNaN(number);

class Reader {
	#instance;
	#list;
	#at = 0;

	/** `length` is what the call has returned that made the list. */
	constructor(instance, length) {
		this.#instance = instance;
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
		const counts = this.named(
			'active',
			'pending',
			'granted',
			'settled',
			'rejected',
			'refused',
			'cleared',
			'dropped',
			'aborted',
			'queueTimeouts',
			'timeouts',
			'retries',
		);
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
		return isGiven(rate.limit) ? rate : undefined;
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
		const adaptive = this.adaptive();
		const [online, offline] = lanes.map(({lane, rateWait, oldest}) => ({
			...lane,
			...(rate && {rateWait}),
			...(oldest && {oldest}),
		}));
		return {concurrency, online, offline, reserve, ...(adaptive && {adaptive}), ...(rate && {rate})};
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
			return {wait, run, ...(stats.rate && {rateWait})};
		});
		return {stats, histograms};
	}
}

const statsOf = (instance, length) => new Reader(instance, length).stats();
const snapshotOf = (instance, length) => new Reader(instance, length).snapshot();

module.exports = {snapshotOf, statsOf};
