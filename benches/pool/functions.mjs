// What the jobs do, the same for every peer: the workers' file of the pools that take one, wrapped by
// `workers/` for those that want more, and called in place by the floor.

import {createHash} from 'node:crypto';
import {threadId} from 'node:worker_threads';
import {gzipSync} from 'node:zlib';

/**
 * Keeps its thread busy for so long by the clock. A thread that the system takes off its core meanwhile is
 * none the later for it, so that the figures show what the pool loses and not what the machine does.
 */
const spin = milliseconds => {
	const end = performance.now() + milliseconds;
	while (performance.now() < end);
};

/** The no-op, and what a payload comes back from. */
export const echo = task => task;

/** A small object for a small object. */
export const label = ({id, name, tags, nested}) => ({id, label: `${name}: ${tags.join()}`, sum: nested.x + nested.y});

/** A job of `ms` milliseconds. */
export const busy = ({index, ms}) => {
	spin(ms);
	return index;
};

/** Which thread a job ran on; long enough that the next one is for another thread. */
export const whereabouts = () => {
	spin(2);
	return threadId;
};

export const sha256 = data => createHash('sha256').update(data).digest('hex');

/** The level is zlib's default, by its number for those who have another. */
export const LEVEL = 6;

export const gzip = data => gzipSync(data, {level: LEVEL});
