// The benchmark of the reserve of a limit, in real time. `npm run bench:reserve` does the same on a simulated clock.

import {fileURLToPath} from 'node:url';
import {runSuite} from '../shared/run.mjs';
import {valueTarget} from '../shared/targets.mjs';
import {peers} from './peers.mjs';
import {RATES, SLOTS, scenarios} from './scenarios.mjs';

await runSuite({
	name: 'limit-reserve',
	peers,
	scenarios,
	targets: RATES.map(rate =>
		valueTarget(`online wait p99 with \`{wait: 5}\`, ${rate} calls a second`, {
			peer: 'wait',
			scenario: `steady-${rate}`,
			metric: 'p99',
			atMost: 5,
			unit: 'ms',
		}),
	),
	reference: 'p-queue',
	titles: {auto: "'auto' (the default)", wait: '{wait: 5}', one: 'reserve: 1', 'p-queue': 'p-queue, priorities'},
	text: {
		purpose: `Measures how long online calls wait beside a batch that never ends, on ${SLOTS} slots.`,
		rounds: '3 unless given',
		ratios: 'A ratio to p-queue needs that peer too.',
		overview: 'Median (and ratio to p-queue)',
	},
	child: fileURLToPath(new URL('child.mjs', import.meta.url)),
});
