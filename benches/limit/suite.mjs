// The suite of the benchmark of the limiter.

import {fileURLToPath} from 'node:url';
import {createFiles} from './files.mjs';
import {peers} from './peers.mjs';
import {scenarios} from './scenarios.mjs';
import {targets} from './targets.mjs';

export const suite = {
	name: 'limit',
	peers,
	scenarios,
	targets,
	reference: 'p-limit',
	titles: {floor: 'no limiter', fastq: 'fastq.promise', 'p-limit-alone': 'p-limit alone', readable: 'Readable.map'},
	text: {
		purpose: 'Measures p-lanes beside its peers and beside no limiter at all.',
		rounds: '3 or 5 unless given, as the scenario costs',
		ratios: 'A ratio to p-limit or to no limiter needs those peers too.',
		overview: 'Median (and ratio to p-limit)',
	},
	child: fileURLToPath(new URL('child.mjs', import.meta.url)),
	prepare: sizes => ({folder: createFiles(sizes.files.files)}),
};
