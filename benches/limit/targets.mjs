// What p-lanes is to reach as a limiter.

import {ratioTarget, valueTarget} from '../shared/targets.mjs';

const ratio = (title, scenario, atMost, metric) => ratioTarget(title, {scenario, reference: 'p-limit', atMost, metric});

export const targets = [
	ratio('burst of 100,000 ÷ p-limit', 'burst-100k', 0.4),
	ratio('burst of 1,000 ÷ p-limit', 'burst-1k', 0.55),
	ratio('uncontended sequential ÷ p-limit', 'sequential', 0.6),
	ratio('map of 100,000 ÷ p-limit', 'map-100k', 0.05),
	ratio('map of 1,000 ÷ p-limit', 'map-1k', 0.2),
	ratio('heap per queued call ÷ p-limit', 'heap', 0.6, 'heap'),
	valueTarget('call in 1,000,000 ÷ call in 10,000', {scenario: 'growth', metric: 'growth', atMost: 1.5, unit: 'x'}),
	valueTarget('online wait p99, offline backlog', {scenario: 'lanes', metric: 'p99', below: 12, unit: 'ms'}),
	ratioTarget('that backlog ÷ p-limit alone', {
		scenario: 'lanes',
		reference: 'p-limit-alone',
		atMost: (8 / 7) * 1.1,
		metric: 'batch',
	}),
	ratioTarget('stream ÷ pMapIterable', {scenario: 'stream', reference: 'p-map', atMost: 0.5}),
	ratioTarget('stream ÷ Readable.map', {scenario: 'stream', reference: 'readable', below: 1}),
	ratioTarget('stream of an async source ÷ pMapIterable', {scenario: 'stream-async', reference: 'p-map', atMost: 0.5}),
	ratioTarget('stream of an async source ÷ Readable.map', {
		scenario: 'stream-async',
		reference: 'readable',
		below: 1,
	}),
	valueTarget('queued call with timeouts ÷ without', {scenario: 'timeouts', metric: 'ratio', atMost: 1.5, unit: 'x'}),
];
