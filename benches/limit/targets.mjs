// What p-lanes is to reach as a limiter.

import {fastestTarget, ratioTarget, valueTarget} from '../shared/targets.mjs';

const ratio = (title, scenario, atMost, metric) => ratioTarget(title, {scenario, reference: 'p-limit', atMost, metric});

const withOption = (title, scenario, atMost) =>
	valueTarget(`${title} ÷ without`, {scenario, metric: 'ratio', atMost, unit: 'x'});

export const targets = [
	ratio('new limit + burst of 100 ÷ p-limit', 'new-100', 0.5),
	ratio('new limit + burst of 1,000 ÷ p-limit', 'new-1k', 0.45),
	ratio('new limit + burst of 10,000 ÷ p-limit', 'new-10k', 0.28),
	ratio('creation and first call ÷ p-limit', 'create', 0.6),
	ratio('burst of 100,000 ÷ p-limit', 'burst-100k', 0.38),
	ratio('burst of 1,000 ÷ p-limit', 'burst-1k', 0.55),
	ratioTarget('burst of 1,000 ÷ throat', {scenario: 'burst-1k', reference: 'throat', atMost: 1}),
	ratio('uncontended sequential ÷ p-limit', 'sequential', 0.6),
	fastestTarget('uncontended sequential ÷ the fastest of throat, async-sema, fastq', {
		scenario: 'sequential',
		references: ['throat', 'async-sema', 'fastq'],
		atMost: 1,
	}),
	ratio('map of 100,000 ÷ p-limit', 'map-100k', 0.04),
	ratio('map of 1,000 ÷ p-limit', 'map-1k', 0.2),
	ratio('heap per queued call ÷ p-limit', 'heap', 0.6, 'heap'),
	valueTarget('resident after a burst of 1,000,000 ÷ before', {
		scenario: 'recovery',
		metric: 'ratio',
		atMost: 1.2,
		unit: 'x',
	}),
	valueTarget('memory per key', {scenario: 'keyed', metric: 'resident', atMost: 1200, unit: 'B'}),
	valueTarget('time per key', {scenario: 'keyed', metric: 'time', atMost: 5000, unit: 'µs'}),
	valueTarget('online wait p99, offline backlog', {scenario: 'lanes', metric: 'p99', below: 12, unit: 'ms'}),
	ratioTarget('that backlog ÷ p-limit alone', {
		scenario: 'lanes',
		reference: 'p-limit-alone',
		atMost: (8 / 7) * 1.1,
		metric: 'batch',
	}),
	ratioTarget('stream ÷ pMapIterable', {scenario: 'stream', reference: 'p-map', atMost: 0.5}),
	ratioTarget('stream ÷ Readable.map', {scenario: 'stream', reference: 'readable', below: 1}),
	ratioTarget('stream of an async source ÷ pMapIterable', {scenario: 'stream-async', reference: 'p-map', atMost: 0.7}),
	ratioTarget('stream of an async source ÷ Readable.map', {
		scenario: 'stream-async',
		reference: 'readable',
		below: 1,
	}),
	withOption('queued call with timeouts', 'timeouts', 1.35),
	withOption('queued call with a signal', 'signal', 1.4),
	withOption('burst with nested: lend', 'nested-lend', 1.3),
	withOption('burst with nested: detect', 'nested-detect', 1.3),
];
