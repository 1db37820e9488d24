'use strict';

// How numbers are written, on the page and in the terminal alike.

const format = (() => {
	/** Three digits, without zeros at the end. */
	const threeDigits = number => String(Number(number.toPrecision(3)));

	/** A count or a rate: 0, 0.25, 999, 12.3k, 1.5M. */
	const count = number => {
		if (number === null) {
			return '∞';
		}

		const size = Math.abs(number);
		if (size >= 1e9) {
			return `${threeDigits(number / 1e9)}G`;
		}

		if (size >= 1e6) {
			return `${threeDigits(number / 1e6)}M`;
		}

		return size >= 1e4 ? `${threeDigits(number / 1e3)}k` : threeDigits(size >= 1000 ? Math.round(number) : number);
	};

	/** A time in milliseconds: 0 ms, 4.9 ms, 1.2 s, 3.5 min, 2 h. */
	const duration = milliseconds => {
		if (milliseconds < 1) {
			return `${milliseconds < 0.01 ? 0 : Number(milliseconds.toPrecision(2))} ms`;
		}

		if (milliseconds < 1000) {
			return `${threeDigits(milliseconds)} ms`;
		}

		const seconds = milliseconds / 1000;
		if (seconds < 100) {
			return `${threeDigits(seconds)} s`;
		}

		return seconds < 6000 ? `${threeDigits(seconds / 60)} min` : `${threeDigits(seconds / 3600)} h`;
	};

	const poolFacts = ({slots, threads, utilization, online, offline}) =>
		[
			`${count(online.active + offline.active)} of ${count(slots)} threads busy`,
			threads < slots && `${count(threads)} started`,
			`${Math.round(utilization * 100)} % used since the start`,
		].filter(Boolean);

	const keyedFacts = ({keys, active, pending}) => [
		keys === 1 ? '1 key' : `${count(keys)} keys`,
		`${count(active)} running`,
		`${count(pending)} waiting`,
	];

	/** JSON has no `Infinity`: the interval of a budget is null there. */
	const rateFact = ({available, limit, interval, burst}, name = 'rate') => {
		const isEndless = interval === null || interval === Number.POSITIVE_INFINITY;
		const refill = isEndless ? '' : `, ${count(limit)} in ${duration(interval)}`;
		return `${name}: ${count(Math.floor(available))} of ${count(burst)} left${refill}`;
	};

	const limitFacts = ({slots, isPaused, reserve, rate, rates = {}, adaptive, online, offline}) => {
		const pauses = Object.entries({online, offline}).filter(([, {pauseEndsIn}]) => pauseEndsIn > 0);
		return [
			`${count(online.active + offline.active)} of ${count(slots)} slots`,
			isPaused && 'paused',
			reserve.slots > 0 && `${count(reserve.slots)} reserved (${reserve.reason})`,
			rate !== undefined && rateFact(rate),
			...Object.entries(rates).map(([name, quota]) => rateFact(quota, name)),
			adaptive !== undefined && `adaptive: ${adaptive.reason}`,
			...pauses.map(([lane, {pauseEndsIn}]) => `${lane} paused for ${duration(pauseEndsIn)}`),
		].filter(Boolean);
	};

	const factsByKind = {limit: limitFacts, keyed: keyedFacts, pool: poolFacts};

	/** What is known of a block beside the numbers of its lanes, part by part. */
	const facts = block => factsByKind[block.kind](block);

	return {count, duration, facts};
})();

if (typeof module === 'object') {
	module.exports = format;
}
