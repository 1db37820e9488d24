// The worker threads of a sample.

import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {MessageChannel, Worker} from 'node:worker_threads';

const file = fileURLToPath(new URL('worker.mjs', import.meta.url));

/** Threads that share a peer's limit and do the same work. */
export class Threads {
	#workers = [];

	static async start(peer, library, {name, operation = 'shared', threads, concurrency, work, size}) {
		const own = new Threads();
		const attach = peer[operation].host(library, concurrency);
		const memory = new SharedArrayBuffer(64);
		own.#workers = Array.from({length: threads}, (_, thread) => {
			const {port1, port2} = new MessageChannel();
			attach(port1);
			return new Worker(file, {
				workerData: {peer: name, operation, work, size, thread, concurrency, memory, port: port2},
				transferList: [port2],
			});
		});
		await Promise.all(own.#workers.map(worker => once(worker, 'message')));
		return own;
	}

	/** Has all do their work once; gives what each has to tell. */
	async run() {
		const answers = this.#workers.map(worker => once(worker, 'message'));
		for (const worker of this.#workers) {
			worker.postMessage('run');
		}

		return (await Promise.all(answers)).map(([answer]) => answer);
	}

	async end() {
		await Promise.all(this.#workers.map(worker => worker.terminate()));
	}
}
