// The pools compared, in one shape.
//
// Each peer has the operations that a scenario may ask for, made from its library; an operation that a
// peer lacks is a dash in the tables. Each is written as the peer's own readme does it, with what it
// recommends for speed. Jobs are named after the functions in `functions.mjs`.
//
// | operation | gives |
// |---|---|
// | `pool` | `{run(name, task), map(name, tasks)}` |
// | `lanes` | `{run(name, task), online(name, task), offline(name, task)}`, the latter two for tasks that are objects |
// | `sha256`, `blake3` | a promise of `{one(data), all(list)}`, which give promises of hexadecimal digests |
// | `gzip` | likewise, of bytes |
//
// Nothing is closed, as each sample has a process of its own.

import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import * as zlib from 'node:zlib';
import {busy, echo, gzip, LEVEL, label, sha256, whereabouts} from './functions.mjs';
import {QueueStrategy, TaskQueue} from './queues.mjs';
import {started, THREADS} from './threads.mjs';

const require = createRequire(import.meta.url);

const pathOf = name => fileURLToPath(new URL(name, import.meta.url));
const FUNCTIONS = pathOf('functions.mjs');
const BOTH = {minThreads: THREADS, maxThreads: THREADS};

/** A pool without a `map` of its own: the usual way. */
const withMap = pool => ({
	...pool,
	map: (name, tasks) => Promise.all(tasks.map(task => pool.run(name, task))),
});

/** Kernels where a pool has none of its own: node's, in its workers. */
const kernel = (pool, name) => ({
	one: data => pool.run(name, data),
	all: list => pool.map(name, list),
});

const withKernels = peer => ({
	...peer,
	sha256: async library => kernel(await started(peer.pool(library), peer.threads), 'sha256'),
	gzip: async library => kernel(await started(peer.pool(library), peer.threads), 'gzip'),
});

/** What piscina and tinypool, which comes from it, have in common. */
const poolLikePiscina = (Pool, options) => {
	const pool = new Pool({filename: FUNCTIONS, ...BOTH, ...options});
	return withMap({run: (name, task) => pool.run(task, {name})});
};

const lanesLikePiscina = Pool => {
	const symbol = Pool.queueOptionsSymbol;
	const {run} = poolLikePiscina(Pool, {taskQueue: new TaskQueue(symbol)});
	const inLane = lane => {
		const options = {lane};
		return (name, task) => run(name, {...task, [symbol]: options});
	};

	// With options for the queue a task has to be an object, and here all have options.
	const online = inLane('online');
	return {run: online, online, offline: inLane('offline')};
};

const createWorkerpool = ({default: workerpool}, options) =>
	workerpool.pool(pathOf('workers/workerpool.mjs'), {
		minWorkers: THREADS,
		maxWorkers: THREADS,
		workerType: 'thread',
		...options,
	});

/** What each operation of ours needs. */
const needs = {pool: 'Pool', lanes: 'Pool', sha256: 'hash', blake3: 'hash', gzip: 'compress'};

/** A kernel of ours, which runs on native threads. */
const native = (call, kind, options) => ({
	one: data => call(kind, data, options),
	all: list => call.map(kind, list, options),
});

const inline = {busy, echo, gzip, label, sha256, whereabouts};

const HEX = {encoding: 'hex'};
const AT_LEVEL = {level: LEVEL};

export const peers = {
	'p-lanes': {
		lack(operation) {
			const name = needs[operation];
			return require('../../index.js')[name]
				? undefined
				: `p-lanes has no ${name} yet: not measured where it needs it.`;
		},
		load: async () => require('../../index.js'),
		pool({Pool}) {
			const pool = new Pool({filename: FUNCTIONS, ...BOTH});
			return {
				run: (name, task) => pool.run(task, {name}),
				map: (name, tasks) => pool.map(tasks, {name}),
			};
		},
		lanes({Pool}) {
			const pool = new Pool({filename: FUNCTIONS, ...BOTH});
			return {
				run: (name, task) => pool.run(task, {name}),
				online: (name, task) => pool.online.run(task, {name}),
				offline: (name, task) => pool.offline.run(task, {name}),
			};
		},
		sha256: async ({hash}) => native(hash, 'sha256', HEX),
		blake3: async ({hash}) => native(hash, 'blake3', HEX),
		gzip: async ({compress}) => native(compress, 'gzip', AT_LEVEL),
	},

	piscina: withKernels({
		load: () => import('piscina'),
		// Its readme recommends this queue over its default.
		pool: ({Piscina, FixedQueue}) => poolLikePiscina(Piscina, {taskQueue: new FixedQueue()}),
		lanes: ({Piscina}) => lanesLikePiscina(Piscina),
	}),

	tinypool: withKernels({
		load: () => import('tinypool'),
		pool: ({Tinypool}) => poolLikePiscina(Tinypool),
		lanes: ({Tinypool}) => lanesLikePiscina(Tinypool),
	}),

	workerpool: withKernels({
		load: () => import('workerpool'),
		pool(library) {
			const pool = createWorkerpool(library);
			return withMap({run: (name, task) => pool.exec(name, [task])});
		},
		lanes(library) {
			const pool = createWorkerpool(library, {queueStrategy: new QueueStrategy()});
			const inLane = lane => {
				const options = {metadata: {lane}};
				return (name, task) => pool.exec(name, [task], options);
			};

			const online = inLane('online');
			return {run: online, online, offline: inLane('offline')};
		},
	}),

	poolifier: withKernels({
		load: () => import('poolifier'),
		pool({FixedThreadPool}) {
			const pool = new FixedThreadPool(THREADS, pathOf('workers/poolifier.mjs'));
			return {
				run: (name, task) => pool.execute(task, name),
				map: (name, tasks) => pool.mapExecute(tasks, name),
			};
		},
		// Its functions have priorities only with queues of its own, which cost it two thirds of its speed
		// elsewhere; with their stealing a job's answer may never come.
		lanes({FixedThreadPool}) {
			const pool = new FixedThreadPool(THREADS, pathOf('workers/poolifier-lanes.mjs'), {
				enableTasksQueue: true,
				tasksQueueOptions: {taskStealing: false, tasksStealingOnBackPressure: false},
			});
			const run = (name, task) => pool.execute(task, name);
			return {run, online: run, offline: run};
		},
	}),

	// What node has off the main thread by itself.
	node: {
		isPackage: false,
		load: async () => undefined,
		async sha256() {
			const one = async data => Buffer.from(await crypto.subtle.digest('SHA-256', data)).toString('hex');
			return {one, all: list => Promise.all(list.map(one))};
		},
		async gzip() {
			const compress = promisify(zlib.gzip);
			const one = data => compress(data, AT_LEVEL);
			return {one, all: list => Promise.all(list.map(one))};
		},
	},

	// No pool: the same work in the main thread.
	floor: withKernels({
		isPackage: false,
		threads: 1,
		load: async () => undefined,
		pool: () => withMap({run: async (name, task) => inline[name](task)}),
		// Node has no blake3: what stands beside ours is the sha256 loop.
		blake3: async () => ({...(await peers.floor.sha256()), isSha256: true}),
	}),
};
