// The pools compared: places for the reserve, and piscina. Each gives `{online(task), offline(task), batch(tasks)}`.

import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';
import {TaskQueue} from '../pool/queues.mjs';

export const THREADS = 2;

const require = createRequire(import.meta.url);
const filename = fileURLToPath(new URL('work.mjs', import.meta.url));

const variant = (options, isPackage = false) => ({
	isPackage,
	load: async () => require('../../index.js'),
	lanes({Pool}) {
		const pool = new Pool({filename, name: 'work', maxThreads: THREADS, ...options});
		return {
			online: task => pool.online.run(task),
			offline: task => pool.offline.run(task),
			batch: tasks => pool.offline.map(tasks),
		};
	},
});

export const peers = {
	// Offline jobs have one thread less, as one is kept for online jobs. No thread is on top.
	within: variant({maxThreads: THREADS - 1, reserve: 1, niceIncrement: 0}),
	top: variant({niceIncrement: 0}),
	'top-nice-10': variant({}),
	'top-nice-19': variant({niceIncrement: 19}),
	piscina: {
		load: () => import('piscina'),
		lanes({Piscina}) {
			const symbol = Piscina.queueOptionsSymbol;
			const taskQueue = new TaskQueue(symbol);
			const pool = new Piscina({filename, name: 'work', minThreads: THREADS, maxThreads: THREADS, taskQueue});
			const inLane = lane => task => pool.run({...task, [symbol]: {lane}});
			const offline = inLane('offline');
			return {online: inLane('online'), offline, batch: tasks => Promise.all(tasks.map(offline))};
		},
	},
};
