// The suite of the benchmark of whole batches: the three ways that articles on p-limit compare.

import {fileURLToPath} from 'node:url';
import {ratioTarget, valueTarget} from '../shared/targets.mjs';
import {peers} from './peers.mjs';
import {scenarios} from './scenarios.mjs';

export const suite = {
	name: 'batches',
	peers,
	scenarios,
	targets: [
		ratioTarget('variable latency ÷ p-limit', {scenario: 'variable', reference: 'p-limit', atMost: 1.05}),
		ratioTarget('variable latency ÷ chunks', {scenario: 'variable', reference: 'chunks', atMost: 0.7}),
		valueTarget('wait of requests beside the batch, p99', {
			scenario: 'requests',
			metric: 'p99',
			atMost: 30,
			unit: 'ms',
		}),
	],
	reference: 'p-limit',
	titles: {chunks: 'chunks', 'reserve-1': 'p-lanes, reserve: 1'},
	text: {
		purpose:
			'Runs a batch in three ways: in chunks that Promise.all waits for, by p-limit, and by p-lanes. The work only waits, as the calls of a client do, and takes the same times in each way.',
		rounds: '3 unless given',
		ratios: 'A ratio to p-limit needs that peer too.',
		overview: 'Median (and ratio to p-limit)',
	},
	child: fileURLToPath(new URL('child.mjs', import.meta.url)),
};
