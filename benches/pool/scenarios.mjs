// What is measured. A scenario has a title for its size, the operation of a peer that it needs, its
// sizes (in full and for a smoke run), its rounds, and its metrics, the main one first. The unit of a
// metric says how it is shown; all times of a job are kept in nanoseconds.
//
// Pools are warm: their threads are up and the scenario's own work has run once before the clock does.

import {delay} from './scenarios/delay.mjs';
import {jobsOf} from './scenarios/jobs.mjs';
import {blake3, gzip, sha256} from './scenarios/kernels.mjs';
import {lanes} from './scenarios/lanes.mjs';
import {map} from './scenarios/map.mjs';
import {noop} from './scenarios/noop.mjs';
import {payload} from './scenarios/payload.mjs';
import {skewed} from './scenarios/skewed.mjs';

const KIB = 1024;
const MIB = 1024 * KIB;

export const scenarios = {
	'noop-sequential': noop({jobs: 3000, width: 1, repetitions: 5}),
	'noop-64': noop({jobs: 10_000, width: 64, repetitions: 5}),
	'map-5k': map,
	'string-1k': payload({kind: 'string', bytes: KIB, jobs: 5000, width: 8, repetitions: 5}),
	'bytes-1k': payload({kind: 'Uint8Array', bytes: KIB, jobs: 5000, width: 8, repetitions: 5}),
	'string-1m': payload({kind: 'string', bytes: MIB, jobs: 200, width: 8, repetitions: 3}),
	'bytes-1m': payload({kind: 'Uint8Array', bytes: MIB, jobs: 200, width: 8, repetitions: 3}),
	skewed,
	'jobs-10us': jobsOf({ms: 0.01, jobs: 20_000, repetitions: 3}),
	'jobs-100us': jobsOf({ms: 0.1, jobs: 5000, repetitions: 3}),
	'jobs-1ms': jobsOf({ms: 1, jobs: 1000, repetitions: 3}),
	lanes,
	sha256,
	blake3,
	gzip,
	delay,
};
