// Figures as a reader wants them.

export const NONE = '–';

export const rounded = (value, digits) =>
	value.toLocaleString('en', {minimumFractionDigits: digits, maximumFractionDigits: digits});

/** Three significant digits where a number is small, whole numbers where it is not. */
const number = value => {
	const digits = Math.floor(Math.log10(Math.max(Math.abs(value), 0.1)));
	return rounded(value, Math.max(0, 2 - digits));
};

/** By the unit of a metric: how its value is shown. All times of a task are kept in nanoseconds. */
export const units = {
	ns: value => `${rounded(value, 0)} ns`,
	µs: value => `${number(value / 1000)} µs`,
	ms: value => `${number(value)} ms`,
	s: value => `${number(value)} s`,
	B: value => `${rounded(value, 0)} B`,
	MiB: value => `${number(value / 2 ** 20)} MiB`,
	n: value => rounded(value, 0),
	x: value => (value < 0.001 ? `${Number(value.toPrecision(1))}` : rounded(value, value < 0.1 ? 3 : 2)),
};

export const shown = (summary, unit) => (summary ? units[unit](summary.median) : NONE);

export const spread = (summary, unit) => {
	if (!summary) {
		return NONE;
	}

	const [least, greatest] = [summary.least, summary.greatest].map(value => units[unit](value).split(' ')[0]);
	return `${least}–${greatest}`;
};
