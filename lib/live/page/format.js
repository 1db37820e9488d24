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

	/** What is known of a block in one line, part by part. */
	const facts = ({kind, slots, keys, isPaused, reserve, rate, adaptive, threads, utilization, online, offline}) => {
		const active = online.active + offline.active;
		const parts = [];
		if (kind === 'pool') {
			parts.push(`${count(active)} of ${count(slots)} threads busy`, `${count(threads)} started`);
			parts.push(`${Math.round(utilization * 100)} % used since the start`);
		} else if (kind === 'keyed') {
			parts.push(`${count(active)} running`, `${count(keys)} keys`);
		} else {
			parts.push(`${count(active)} of ${count(slots)} slots`);
		}

		if (isPaused) {
			parts.push('paused');
		}

		if (reserve?.slots > 0) {
			parts.push(`${count(reserve.slots)} reserved (${reserve.reason})`);
		}

		if (rate !== undefined) {
			parts.push(
				`rate: ${count(Math.floor(rate.available))} of ${count(rate.burst)} left, ${count(rate.limit)} in ${duration(rate.interval)}`,
			);
		}

		if (adaptive !== undefined) {
			parts.push(`adaptive: ${adaptive.reason}`);
		}

		for (const [name, {pauseEndsIn}] of Object.entries({online, offline})) {
			if (pauseEndsIn > 0) {
				parts.push(`${name} paused for ${duration(pauseEndsIn)}`);
			}
		}

		return parts;
	};

	return {count, duration, facts};
})();

if (typeof module === 'object') {
	module.exports = format;
}
