// What the report is made of, and how much of it each kind of run measures.
//
// A quick run has fewer scenarios and rounds, at their full sizes. A smoke run shows only that all of it works.

import {suite as batches} from '../batches/suite.mjs';
import {suite as limit} from '../limit/suite.mjs';
import {suite as pool} from '../pool/suite.mjs';
import {suite as shared} from '../shared-limit/suite.mjs';

/** The suites of JavaScript. `quick` and `smoke` are arguments of their `run.mjs`. */
export const suites = {
	batches: {
		suite: batches,
		folder: 'batches',
		title: 'Whole batches',
		quick: ['--rounds', '1'],
		smoke: ['--quick', '--scenario', 'shuffled,requests'],
	},
	limit: {
		suite: limit,
		folder: 'limit',
		title: 'One limit',
		quick: ['--rounds', '2', '--scenario', 'new-1k,burst-1k,sequential,map-1k,heap'],
		smoke: ['--quick', '--scenario', 'burst-1k,sequential', '--peer', 'p-lanes,p-limit,throat,floor'],
	},
	pool: {
		suite: pool,
		folder: 'pool',
		title: 'A pool',
		quick: ['--rounds', '1', '--scenario', 'noop-sequential,noop-64,map-5k,lanes,sha256'],
	},
	shared: {
		suite: shared,
		folder: 'shared-limit',
		title: 'A limit that threads share',
		quick: ['--rounds', '2', '--scenario', 'hand-over,threads,burst'],
	},
};

/** The benchmarks of Rust, on a simulated clock: their figures depend on nothing but the code. */
export const simulations = {
	adaptive: {title: 'Adaptive limits, simulated'},
	reserve: {title: 'The reserve, simulated'},
};

export const names = [...Object.keys(suites), ...Object.keys(simulations)];

const timelines = Object.keys(batches.scenarios).map(name => [`figures/batch-${name}.svg`, `batches-${name}-timeline`]);

const adaptive = [
	'bimodal',
	'capacity-drops',
	'fast-429s',
	'few-places',
	'knee-from-above',
	'knee',
	'latency-step',
	'rarely-in-use',
	'slow-leak',
	'slow-units',
].map(name => [`how/adaptive/${name}.svg`, `adaptive-${name}`]);

const reserve = ['steady-60', 'bursts-of-20', 'step', 'daily-curve'].map(name => [
	`how/reserve/${name}.svg`,
	`reserve-${name}`,
]);

/** The charts that the documents show, by where they lie in `docs/`. */
export const inDocuments = Object.fromEntries([
	['figures/limit.svg', 'limit-overview'],
	['figures/pool.svg', 'pool-overview'],
	['figures/batch-requests-waits.svg', 'batches-requests-waits'],
	['figures/adaptive.svg', 'adaptive-summary'],
	...timelines,
	...adaptive,
	...reserve,
]);
