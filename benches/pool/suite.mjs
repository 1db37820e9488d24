// The suite of the benchmark of the pool and the native kernels.

import {fileURLToPath} from 'node:url';
import {peers} from './peers.mjs';
import {scenarios} from './scenarios.mjs';
import {targets} from './targets.mjs';
import {THREADS} from './threads.mjs';

export const suite = {
	name: 'pool',
	peers,
	scenarios,
	targets,
	reference: 'piscina',
	titles: {node: 'node, async', floor: 'inline'},
	text: {
		purpose: `Measures p-lanes beside its peers, all with ${THREADS} threads, and beside the same work inline.`,
		rounds: '3 unless given',
		ratios: 'A ratio to piscina or to the inline work needs those peers too.',
		overview: 'Median (and ratio to piscina; of hashing and compressing, to node inline)',
	},
	child: fileURLToPath(new URL('child.mjs', import.meta.url)),
	env: {P_LANES_THREADS: `${THREADS}`, UV_THREADPOOL_SIZE: `${THREADS}`},
};
