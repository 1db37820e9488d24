// What p-lanes adds, in a program with the types of Node or without them. Nothing may be `any`.

import type {AbortSignalLike} from 'p-lanes';
import pLimit, {compress, hash, Pool, TaskTimeoutError} from 'p-lanes';

const limit = pLimit({concurrency: 2, maxQueue: 10});

export const outcomes = limit
	.settle([1], item => item)
	.then(list =>
		list.map(outcome => {
			const value: string | number = outcome.status === 'fulfilled' ? outcome.value : String(outcome.reason);
			return value;
		}),
	);
export const aborted: Promise<boolean> = limit.run(({signal}) => signal.aborted, {timeout: 5});
export const signal: AbortSignalLike = limit.signal;
export const flow = limit.transform((item: string) => item.length);
flow.write('a');
// @ts-expect-error no `any`
flow.nothing();

const pool = new Pool<{default: (task: number) => Promise<string>}>({filename: './worker.mjs', env: {A: 'b'}});
export const result: Promise<string> = pool.run(1);
pool
	.once('drain', () => {})
	.on('workerCreate', worker => {
		const id: number = worker.threadId;
		worker.postMessage(id);
		// @ts-expect-error no `any`
		worker.nothing();
	});
pool.on('error', error => {
	const {message}: Error = error;
	pool.emit('other', message);
});
// @ts-expect-error no name of an event
pool.once(1n, () => {});
// @ts-expect-error no such argument
pool.on('error', (count: number) => count);

export const bytes: Promise<Uint8Array> = compress('gzip', new Uint8Array(1));
export const hex: Promise<string> = hash('sha256', 'a', {encoding: 'hex'});
export const sizes = hash.map('sha256', ['a']).then(list => list.map(item => item.byteLength + item.length));
export const files = hash
	.files('sha256', ['a'])
	.then(list => list.map(item => (item instanceof Error ? item.code : item.subarray(1))));
// @ts-expect-error no `any`
export const wrong: Promise<string> = hash('sha256', 'a');

export const code: 'ERR_TASK_TIMEOUT' = new TaskTimeoutError().code;
