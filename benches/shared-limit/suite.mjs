// The suite of the benchmark of limits that several threads share by a name.

import {fileURLToPath} from 'node:url';
import {peers} from './peers.mjs';
import {scenarios} from './scenarios.mjs';
import {targets} from './targets.mjs';

export const suite = {
	name: 'shared',
	peers,
	scenarios,
	targets,
	reference: 'postMessage',
	titles: {postMessage: 'by postMessage', floor: 'Atomics.wait'},
	text: {
		purpose:
			'Measures a limit that threads share beside one that they reach by messages, and beside one of a single thread.',
		rounds: '7 or 9 unless given',
		ratios: 'A ratio needs the peer that it is to, too.',
		overview: 'Median (and ratio to postMessage, or alone in its thread to a limit without a name)',
	},
	child: fileURLToPath(new URL('child.mjs', import.meta.url)),
};
