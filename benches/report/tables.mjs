// The figures of the report as tables.

import {NONE, shown, spread} from '../shared/format.mjs';
import {measuredPeers, titleOf} from '../shared/report.mjs';
import {escaped, swatch, table} from './html.mjs';

const withSpread = (summary, unit) =>
	summary ? {html: `${escaped(shown(summary, unit))} <small>${escaped(spread(summary, unit))}</small>`} : NONE;

/** A scenario: a row for each peer, the reference and no limiter among the ratios. */
export const scenarioTable = (suite, figures, name) => {
	const {operation, metrics, reference = suite.reference} = suite.scenarios[name];
	const [main, ...others] = metrics;
	const references = [...new Set([reference, 'floor'])].filter(peer => operation in (suite.peers[peer] ?? {}));
	return table(
		['', main.title, ...references.map(peer => `÷ ${titleOf(suite, peer)}`), ...others.map(({title}) => title)],
		measuredPeers(suite, figures, name, main.key).map(peer => [
			{html: `${swatch(peer)}${escaped(titleOf(suite, peer))}`},
			withSpread(figures.value(name, peer, main.key), main.unit),
			...references.map(other => withSpread(figures.ratio(name, peer, other, main.key), 'x')),
			...others.map(({key, unit}) => withSpread(figures.value(name, peer, key), unit)),
		]),
	);
};

const verdicts = new Map([
	[true, 'reached'],
	[false, 'not reached'],
]);

/** What p-lanes was to reach, as far as it was measured. */
export const targetTable = targets => {
	const judged = (targets ?? []).filter(({median}) => median !== undefined);
	if (judged.length === 0) {
		return '';
	}

	return table(
		['p-lanes', 'target', 'measured', ''],
		judged.map(({title, atMost, below, unit, isReached, ...summary}) => [
			title,
			below === undefined ? `at most ${shown({median: atMost}, unit)}` : `below ${shown({median: below}, unit)}`,
			withSpread(summary, unit),
			verdicts.get(isReached),
		]),
	);
};

const seconds = (value, hasKnee) => {
	if (!hasKnee) {
		return NONE;
	}

	return value === null ? 'never' : `${value.toFixed(1)} s`;
};

export const adaptiveTable = ({limits, hasKnee, refuses}) =>
	table(
		[
			'limit',
			'throughput ÷ oracle',
			'p50 ÷ oracle',
			'p99 ÷ oracle',
			'converged',
			'longest out of bounds',
			'swing',
			'refused',
		],
		limits.map(({name, figures: {throughput, p50, p99, converged, lost, swing, refused}}) => [
			name,
			throughput.toFixed(2),
			p50.toFixed(2),
			p99.toFixed(2),
			seconds(converged, hasKnee),
			seconds(converged === null ? null : lost, hasKnee),
			swing.toFixed(2),
			refuses ? `${(100 * refused).toFixed(1)} %` : NONE,
		]),
	);

export const reserveTable = ({reserves}) =>
	table(
		['reserve', 'online wait p99, worst of 4 runs', 'batch ÷ with the best fixed', 'slots kept, mean'],
		reserves.map(({name, wait, batch, slots}) => [
			name,
			`${wait.toFixed(1)} ms`,
			batch === null ? NONE : batch.toFixed(2),
			slots.toFixed(1),
		]),
	);
