'use strict';

// A sample as lines of text: a picture for a terminal, or one line for each limit and pool where there is none.

const {LANE_NAMES} = require('../common/checks.js');
const format = require('./page/format.js');
const {line, printable} = require('./text.js');

/** Slots are drawn one by one up to this many columns, and then to scale. */
const MOST_CELLS = 60;

const MARGIN = '  ';

/** What a slot is drawn as. Lanes differ by more than their colour. */
const CELLS = {online: '█', offline: '▓', reserve: '░', free: '·'};

const durationOf = (quantiles, name) => (quantiles.count === 0 ? '-' : format.duration(quantiles[name]));

/** Title, width, the least width of the terminal in which the column is shown, and what it shows of a lane. */
const COLUMNS = [
	['running', 9, 0, lane => format.count(lane.active)],
	['waiting', 9, 0, lane => format.count(lane.pending)],
	['started/s', 11, 0, lane => format.count(lane.started)],
	['failed/s', 10, 62, lane => format.count(lane.failed)],
	['wait p50', 11, 118, lane => durationOf(lane.wait, 'p50')],
	['wait p99', 11, 50, lane => durationOf(lane.wait, 'p99')],
	['run p50', 11, 118, lane => durationOf(lane.run, 'p50')],
	['run p99', 11, 72, lane => durationOf(lane.run, 'p99')],
];

/** From this width of the terminal the call that has run for the longest time is shown behind the columns. */
const LEAST_WIDTH_FOR_OLDEST = 92;

const NAME_WIDTH = 9;

const bar = ({slots, online, offline, reserve}, columns) => {
	if (slots === null) {
		return undefined;
	}

	const room = Math.max(1, Math.min(MOST_CELLS, columns - MARGIN.length));
	const scale = Math.min(1, room / slots);
	const [cells, onlineCells, offlineCells, reserveCells] = [
		slots,
		online.active,
		offline.active,
		reserve?.slots ?? 0,
	].map(count => Math.min(Math.ceil(count * scale), Math.ceil(slots * scale)));
	const rest = Math.max(0, cells - onlineCells - offlineCells);
	const kept = Math.min(rest, Math.max(0, reserveCells - onlineCells));
	return [
		MARGIN,
		[CELLS.online.repeat(onlineCells), 'online'],
		[CELLS.reserve.repeat(kept), 'online'],
		[CELLS.free.repeat(rest - kept), 'faint'],
		[CELLS.offline.repeat(Math.min(offlineCells, cells - onlineCells)), 'offline'],
	];
};

const titleLine = sample => [[sample.name, 'bold'], MARGIN, format.facts(sample).join(' · ')];

/** The busiest keys of keyed limits. */
const keyedLines = sample => {
	const keys = sample.busiest.map(({key, active, pending}) => [
		MARGIN,
		`${format.count(active)} running, ${format.count(pending)} waiting`.padEnd(30),
		key,
	]);
	return [titleLine(sample), ...keys];
};

const blockLines = (sample, columns) => {
	if (sample.kind === 'keyed') {
		return keyedLines(sample);
	}

	const shown = COLUMNS.filter(([, , least]) => columns >= least);
	const lines = [
		titleLine(sample),
		bar(sample, columns),
		[MARGIN, ' '.repeat(NAME_WIDTH), [shown.map(([title, width]) => title.padStart(width)).join(''), 'faint']],
	];
	for (const name of LANE_NAMES) {
		const lane = sample[name];
		const oldest = columns >= LEAST_WIDTH_FOR_OLDEST ? lane.oldest : undefined;
		lines.push([
			MARGIN,
			[name.padEnd(NAME_WIDTH), name],
			shown.map(([, width, , show]) => show(lane).padStart(width)).join(''),
			oldest === undefined ? '' : `   ${format.duration(oldest.age)} in ${oldest.label ?? 'another thread'}`,
		]);
	}

	return lines.filter(parts => parts !== undefined);
};

const clockOf = time => new Date(time).toTimeString().slice(0, 8);

/** Returns the lines of a picture for a terminal of so many columns and rows. */
const picture = ({time, process, blocks}, {columns, rows, isColoured}) => {
	const lines = [
		[
			['p-lanes', 'bold'],
			`${MARGIN}process ${process.pid} · Node ${process.node} · up ${format.duration(process.uptime * 1000)} · ${clockOf(time)}`,
		],
	];
	for (const block of blocks) {
		lines.push([''], ...blockLines(block, columns));
	}

	// The last row stays empty, so that nothing scrolls.
	const room = Math.max(1, rows - 1);
	if (lines.length > room) {
		lines.splice(room - 1, Number.POSITIVE_INFINITY, [
			[`${lines.length - room + 1} more lines; make the window higher`, 'faint'],
		]);
	}

	return lines.map(parts => line(parts, columns, isColoured));
};

const laneFields = (name, {active, pending, started, failed, wait}) => [
	`${name}.running=${active}`,
	`${name}.waiting=${pending}`,
	`${name}.started/s=${format.count(started)}`,
	`${name}.failed/s=${format.count(failed)}`,
	`${name}.wait.p99=${durationOf(wait, 'p99').replace(' ', '')}`,
];

const fieldsOf = ({kind, keys, active, pending, slots, online, offline}) =>
	kind === 'keyed'
		? [`keys=${keys}`, `running=${active}`, `waiting=${pending}`]
		: [
				`slots=${online.active + offline.active}/${format.count(slots)}`,
				...laneFields('online', online),
				...laneFields('offline', offline),
			];

/** Returns one line for each block, for a log. */
const plainLines = ({time, blocks}) =>
	blocks.map(block => printable([clockOf(time), block.name, ...fieldsOf(block)].join(' ')));

module.exports = {picture, plainLines};
