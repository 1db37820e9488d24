// The benchmark of the reserve of a pool: a batch, and online jobs beside it.

import {fileURLToPath} from 'node:url';
import {runSuite} from '../shared/run.mjs';
import {ratioTarget, valueTarget} from '../shared/targets.mjs';
import {peers, THREADS} from './peers.mjs';
import {scenarios} from './scenarios.mjs';

const DEFAULTS = 'top-nice-10';

await runSuite({
	name: 'pool-reserve',
	peers,
	scenarios,
	targets: [
		ratioTarget('batch ÷ piscina', {peer: DEFAULTS, scenario: 'batch', reference: 'piscina', atMost: 1.05}),
		valueTarget('skewed batch ÷ max(longest, total / threads)', {
			peer: DEFAULTS,
			scenario: 'skewed',
			metric: 'overBound',
			atMost: 1.1,
			unit: 'x',
		}),
		valueTarget('online no-op p99', {peer: DEFAULTS, scenario: 'noop', metric: 'p99', below: 1, unit: 'ms'}),
		valueTarget('online 5 ms p99', {peer: DEFAULTS, scenario: 'busy', metric: 'p99', below: 12, unit: 'ms'}),
	],
	reference: 'piscina',
	titles: {
		within: 'one of the threads',
		top: 'on top',
		'top-nice-10': 'on top, nice 10 (the default)',
		'top-nice-19': 'on top, nice 19',
	},
	text: {
		purpose: `Measures where a pool of ${THREADS} threads keeps its reserve, beside piscina with a queue that prefers online jobs.`,
		rounds: '3 unless given',
		ratios: 'A ratio to piscina needs that peer too.',
		overview: 'Median (and ratio to piscina)',
	},
	child: fileURLToPath(new URL('child.mjs', import.meta.url)),
});
