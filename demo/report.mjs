// The rounds' figures as a table, and as a sentence that claims no more than they say.

import Table from 'cli-table3';
import {bytes, count, duration, figure, list, plural} from './format.mjs';
import {Skips} from './skips.mjs';

const HEAD = ['', 'files', 'bytes', 'batch', 'answered', 'p50 ms', 'p99 ms', 'max ms', 'peak RSS'];

const row = ({name, failure, ...round}) =>
	failure === undefined
		? [
				name,
				count(round.files),
				bytes(round.bytes),
				duration(round.seconds),
				round.answered === round.sent ? count(round.answered) : `${count(round.answered)} of ${count(round.sent)}`,
				figure(round.p50),
				figure(round.p99),
				figure(round.max),
				bytes(round.peak),
			]
		: [name, {content: failure, colSpan: HEAD.length - 1}];

export const table = rounds => {
	const shown = new Table({
		head: HEAD,
		colAligns: HEAD.map((_, column) => (column === 0 ? 'left' : 'right')),
		style: {head: [], border: [], compact: true},
	});
	shown.push(...rounds.map(round => row(round)));
	return shown.toString();
};

/** Ratios below this are as likely the machine's. */
const CLEAR = 1.5;

/** How soon p-lanes answered, beside others; a difference counts where both p50 and p99 show it. */
const verdict = (lanes, others) => {
	const sooner = [];
	const later = [];
	const unclear = [];
	for (const {name, p50, p99} of others) {
		const ratios = [p50 / lanes.p50, p99 / lanes.p99];
		if (Math.min(...ratios) >= CLEAR) {
			const times = ratios[1] < 9.95 ? ratios[1].toFixed(1) : count(Math.round(ratios[1]));
			sooner.push(`${times} times sooner than ${name}`);
		} else {
			(Math.max(...ratios) <= 1 / CLEAR ? later : unclear).push(name);
		}
	}

	const clauses = [
		...sooner,
		...(later.length > 0 ? [`later than ${list(later)}`] : []),
		...(unclear.length > 0 ? [`not clearly sooner or later than ${list(unclear)}`] : []),
	];
	return clauses.length > 0 ? `, so p-lanes answered ${list(clauses)}` : '';
};

const isMeasured = round => round.failure === undefined && round.answered > 0;

/** Whether a round did all the work; what did a part of it was quick for no merit. */
const isWhole = ({answered, sent, skips}) => answered === sent && new Skips(skips).total === 0;

/** What the reader is looking at. */
export const sentence = (rounds, rate) => {
	const measured = rounds.filter(round => isMeasured(round));
	const scene = `One process hashes files (the batch) while a client asks it for a small answer ${plural(rate, 'time')} a second`;
	if (measured.length === 0) {
		return `${scene}; no round gave figures to compare.`;
	}

	const named = round => `${round.name}${isWhole(round) ? '' : ' (which failed in part, see below)'}`;
	const within = measured.map(round => `${figure(round.p99)} ms with ${named(round)}`);
	const batches = measured.map(({name, seconds}) => `${duration(seconds)} with ${name}`);
	const whole = measured.filter(round => isWhole(round));
	const lanes = whole.find(({name}) => name === 'p-lanes');
	const compared =
		lanes === undefined
			? ''
			: verdict(
					lanes,
					whole.filter(round => round !== lanes),
				);
	return `${scene}: 99% of the answers came within ${list(within)}${compared}; the batch took ${list(batches)}.`;
};

/** What must be known to read the table rightly. */
export const notes = (rounds, seconds) => {
	const ran = rounds.filter(({failure}) => failure === undefined);
	const lines = [];
	if (ran.some(({passes}) => passes > 1)) {
		const passes = ran.map(round => `${round.name} ${count(round.passes)}`);
		lines.push(
			`The batch was repeated until a round had lasted ${seconds} s (${passes.join(', ')} times); "batch" is the mean of one pass.`,
		);
	}

	for (const {name, skips} of ran) {
		const skipped = new Skips(skips);
		if (skipped.total > 0) {
			lines.push(`${name}: files that could not be read, over all passes together, ${skipped}.`);
		}
	}

	for (const {name, answered, sent} of ran) {
		if (answered < sent) {
			lines.push(`${name}: ${plural(sent - answered, 'request')} got no answer.`);
		}
	}

	const whole = ran.filter(({skips}) => new Skips(skips).total === 0);
	if (new Set(whole.map(({digest}) => digest)).size > 1) {
		lines.push('The rounds found different contents: files changed in the meantime.');
	}

	return lines;
};
