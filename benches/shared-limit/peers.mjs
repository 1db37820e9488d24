// The ways to have one limit in several threads, in one shape, and a limit of one thread beside them.
//
// | operation | gives |
// |---|---|
// | `shared` | `{host, client}`: what the main thread does for each worker, `port => void`, made for a concurrency; and the `call` of a worker, `task => promise`, made for its end of that port |
// | `handOver` | the same, for two workers and one slot |
// | `call` | `task => promise` in a thread alone |
// | `map` | `(items, mapper) => promise`, the same |

import {attached, Host} from './messages.mjs';

const NAME = 'bench';

const lanes = {
	host({default: pLimit}, concurrency) {
		pLimit({name: NAME, concurrency});
		return () => {};
	},
	client: ({default: pLimit}, concurrency) => pLimit({name: NAME, concurrency}),
};

const messages = {
	host(_, concurrency) {
		const host = new Host(concurrency);
		return port => host.attach(port);
	},
	client: (_library, _concurrency, port) => attached(port),
};

/** Two threads that wake each other, blocked and not in an event loop: what the machine itself takes for that. */
const turns = {
	host: () => () => {},
	client(_library, _concurrency, _port, {thread, memory}) {
		const turn = new Int32Array(memory, memory.byteLength - Int32Array.BYTES_PER_ELEMENT, 1);
		const inTurn = async task => {
			Atomics.wait(turn, 0, 1 - thread);
			const result = await task();
			Atomics.store(turn, 0, 1 - thread);
			Atomics.notify(turn, 0);
			return result;
		};
		let last;
		return task => {
			last = last === undefined ? inTurn(task) : last.then(() => inTurn(task));
			return last;
		};
	},
};

const load = () => import('../../index.mjs');

export const peers = {
	'p-lanes': {
		load,
		shared: lanes,
		handOver: lanes,
		call: ({default: pLimit}, concurrency) => pLimit({name: NAME, concurrency}),
		map: ({default: pLimit}, concurrency) => pLimit({name: NAME, concurrency}).map,
	},

	postMessage: {
		isPackage: false,
		load,
		shared: messages,
		handOver: messages,
	},

	unnamed: {
		isPackage: false,
		load,
		call: ({default: pLimit}, concurrency) => pLimit(concurrency),
		map: ({default: pLimit}, concurrency) => pLimit(concurrency).map,
	},

	floor: {
		isPackage: false,
		load: async () => undefined,
		handOver: turns,
	},
};
