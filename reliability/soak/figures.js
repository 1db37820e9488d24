'use strict';

// What is measured of a process, and when it has grown.

const fs = require('node:fs');
const process = require('node:process');

/**
 * For each figure: its unit, and by how much the last third may be above the first, as a part of it and in any case.
 * Memory that an allocator has not given back moves by some megabytes; handles and threads do not.
 */
const FIGURES = {
	rss: {unit: 'MiB', part: 0.1, most: 16, read: () => process.memoryUsage.rss() / 2 ** 20},
	heap: {unit: 'MiB', part: 0.1, most: 2, read: () => process.memoryUsage().heapUsed / 2 ** 20},
	external: {unit: 'MiB', part: 0.1, most: 2, read: () => process.memoryUsage().external / 2 ** 20},
	handles: {unit: '', part: 0, most: 1, read: () => process.getActiveResourcesInfo().length},
	files: {unit: '', part: 0, most: 1, read: () => fs.readdirSync('/proc/self/fd').length},
	threads: {unit: '', part: 0, most: 1, read: () => fs.readdirSync('/proc/self/task').length},
};

const measure = () => Object.fromEntries(Object.entries(FIGURES).map(([name, {read}]) => [name, read()]));

const median = numbers => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** The medians of so many parts of a run. */
const partsOf = (samples, parts) =>
	Array.from({length: parts}, (_, part) => {
		const own = samples.slice(
			Math.floor((part * samples.length) / parts),
			Math.floor(((part + 1) * samples.length) / parts),
		);
		return Object.fromEntries(Object.keys(FIGURES).map(name => [name, median(own.map(sample => sample[name]))]));
	});

/** What has grown from the first third to the last by more than it may. */
const grownIn = samples => {
	const [first, , last] = partsOf(samples, 3);
	return Object.entries(FIGURES)
		.filter(([name, {part, most}]) => last[name] - first[name] > Math.max(most, part * first[name]))
		.map(([name, {unit}]) => `${name} from ${first[name].toFixed(1)} to ${last[name].toFixed(1)} ${unit}`.trim());
};

module.exports = {FIGURES, grownIn, measure, partsOf};
