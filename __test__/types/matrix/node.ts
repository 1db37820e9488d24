// With the types of Node: what goes in and comes out are Node's own types.

import {type EventEmitter, once} from 'node:events';
import {createReadStream} from 'node:fs';
import type {Duplex} from 'node:stream';
import {SHARE_ENV, Worker} from 'node:worker_threads';
import pLimit, {compress, hash, Pool} from 'p-lanes';

const limit = pLimit(1);
const pool = new Pool({env: SHARE_ENV, filename: new URL('file:///worker.mjs')});

export const threads: Worker[] = pool.threads;
export const emitter: EventEmitter = pool;
export const old: NodeJS.EventEmitter = pool;
export const drained: Promise<unknown> = once(pool, 'drain');
export const flow: Duplex = createReadStream('a').pipe(limit.transform((item: string) => item));
export const signal: AbortSignal = limit.signal;
export const page = limit.run(({signal}) => {
	const own: AbortSignal = signal;
	return own;
});
limit.run(() => 1, {signal: new AbortController().signal});
pool.run(1, {signal: AbortSignal.timeout(1), transferList: [new ArrayBuffer(1)]});
export const again = new Worker('a.mjs', {resourceLimits: pool.options.resourceLimits ?? {}});

export const buffer: Promise<Buffer> = compress('gzip', Buffer.from('a'));
export const digest = hash('sha256', new DataView(new ArrayBuffer(1))).then(bytes => bytes.toString('hex'));
export const errors = hash.files('sha256', [Buffer.from('a')]).then(list => {
	const error: Buffer | NodeJS.ErrnoException | undefined = list[0];
	return error;
});
