// The limiters compared, in one shape.
//
// Each peer has the operations that a scenario may ask for, made from its library for a concurrency;
// an operation that a peer lacks is a dash in the tables. Each is written as the peer's own readme
// does it, and with no function around the peer's own where that can be handed out as it is.
//
// | operation | gives |
// |---|---|
// | `call` | `task => promise` |
// | `map` | `(items, mapper) => promise` |
// | `lanes` | `{online, offline}`, two `call`s on one limit |
// | `stream` | `{ordered, unordered}`, each `(source, mapper) => async iterable`, the second where there is one |
// | `timeouts`, `timeout`, ... | `{plain, bound}`, two `call`s on one limit, the second with that option (`OPTIONS`) |
// | `keyed` | `key => call`, a limiter for each key |
// | `entry` | `{how, module}`: what a program loads, by `require` or `import` |
// | `lend`, `detect` | `{plain, nested}`, each makes the `call` of a new limit, the second with that option `nested` |

import {fileURLToPath} from 'node:url';

/** The usual way to map where a limiter has no `map` of its own. */
const mapByCalls = call => (items, mapper) => Promise.all(items.map(item => call(() => mapper(item))));

/** A peer that has no `map`. */
const withMap = peer => ({
	...peer,
	map: (library, concurrency) => mapByCalls(peer.call(library, concurrency)),
});

/** The usual way to have a limiter for each key. Nothing removes one here. */
const byKey = create => {
	const limiters = new Map();
	return key => {
		let limiter = limiters.get(key);
		if (limiter === undefined) {
			limiter = create();
			limiters.set(key, limiter);
		}

		return limiter;
	};
};

/** Long enough for no call to meet it. */
const MINUTE = 60_000;

/** Options of a call, by operation. */
const OPTIONS = {
	timeouts: {timeout: MINUTE, queueTimeout: MINUTE},
	'queue-timeout': {queueTimeout: MINUTE},
	timeout: {timeout: MINUTE},
	signal: {signal: new AbortController().signal},
	priority: {priority: 1},
	weight: {weight: 2},
	retry: {retry: 3},
};

const mapValues = (object, map) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));

const withOptions =
	options =>
	({default: pLimit}, concurrency) => {
		const limit = pLimit(concurrency);
		return {plain: limit, bound: limit.with(options)};
	};

const withNested =
	nested =>
	({default: pLimit}, concurrency) => ({
		plain: () => pLimit(concurrency),
		nested: () => pLimit({concurrency, nested}),
	});

const addWithOptions =
	options =>
	({default: PQueue}, concurrency) => {
		const queue = new PQueue({concurrency});
		return {plain: task => queue.add(task), bound: task => queue.add(task, options)};
	};

/** fastq's worker for tasks that are functions; all tasks here give promises, which it insists on. */
const work = task => task();

export const peers = {
	'p-lanes': {
		load: () => import('../../index.mjs'),
		call: ({default: pLimit}, concurrency) => pLimit(concurrency),
		map: ({default: pLimit}, concurrency) => pLimit(concurrency).map,
		lanes({default: pLimit}, concurrency) {
			const {online, offline} = pLimit(concurrency);
			return {online, offline};
		},
		stream({default: pLimit}, concurrency) {
			const limit = pLimit(concurrency);
			return {
				ordered: (source, mapper) => limit.stream(source, mapper),
				unordered: (source, mapper) => limit.stream(source, mapper, {ordered: false}),
			};
		},
		keyed: ({default: pLimit}, concurrency) => pLimit.keyed({concurrency}),
		entry: () => ({how: 'require', module: fileURLToPath(new URL('../../dist/index.js', import.meta.url))}),
		...mapValues(OPTIONS, withOptions),
		lend: withNested('lend'),
		detect: withNested('detect'),
	},

	'p-limit': {
		load: () => import('p-limit'),
		call: ({default: pLimit}, concurrency) => pLimit(concurrency),
		map: ({default: pLimit}, concurrency) => pLimit(concurrency).map,
		lanes({default: pLimit}, concurrency) {
			const limit = pLimit(concurrency);
			return {online: limit, offline: limit};
		},
		keyed: ({default: pLimit}, concurrency) => byKey(() => pLimit(concurrency)),
		entry: () => ({how: 'import', module: import.meta.resolve('p-limit')}),
	},

	// What the batch of the lanes scenario takes when nobody is online.
	'p-limit-alone': {
		isPackage: false,
		isAside: true,
		load: () => import('p-limit'),
		lanes: ({default: pLimit}, concurrency) => ({offline: pLimit(concurrency)}),
	},

	'p-queue': withMap({
		load: () => import('p-queue'),
		call({default: PQueue}, concurrency) {
			const queue = new PQueue({concurrency});
			return task => queue.add(task);
		},
		lanes({default: PQueue}, concurrency) {
			const queue = new PQueue({concurrency});
			return {
				online: task => queue.add(task, {priority: 1}),
				offline: task => queue.add(task),
			};
		},
		// Its signal is left out: a listener for each call, all on the one signal, would take minutes.
		timeout: addWithOptions(OPTIONS.timeout),
		priority: addWithOptions(OPTIONS.priority),
	}),

	fastq: {
		load: () => import('fastq'),
		call: ({default: fastq}, concurrency) => fastq.promise(work, concurrency).push,
		map:
			({default: fastq}, concurrency) =>
			(items, mapper) => {
				const {push} = fastq.promise(mapper, concurrency);
				return Promise.all(items.map(item => push(item)));
			},
		lanes({default: fastq}, concurrency) {
			const {push, unshift} = fastq.promise(work, concurrency);
			return {online: unshift, offline: push};
		},
	},

	'async-sema': withMap({
		load: () => import('async-sema'),
		call({Sema}, concurrency) {
			const sema = new Sema(concurrency);
			return async task => {
				await sema.acquire();
				try {
					return await task();
				} finally {
					sema.release();
				}
			};
		},
	}),

	throat: withMap({
		load: () => import('throat'),
		call: ({default: throat}, concurrency) => throat(concurrency),
	}),

	'p-map': {
		load: () => import('p-map'),
		map:
			({default: pMap}, concurrency) =>
			(items, mapper) =>
				pMap(items, mapper, {concurrency}),
		stream: ({pMapIterable}, concurrency) => ({
			ordered: (source, mapper) => pMapIterable(source, mapper, {concurrency}),
		}),
	},

	// Node's own.
	readable: {
		isPackage: false,
		load: () => import('node:stream'),
		stream: ({Readable}, concurrency) => ({
			ordered: (source, mapper) => Readable.from(source).map(mapper, {concurrency}),
		}),
	},

	// No limiter: what the tasks themselves and the waiting for them cost.
	floor: {
		isPackage: false,
		load: async () => undefined,
		isCapped: false,
		call: () => task => task(),
		map: () => (items, mapper) => Promise.all(items.map(item => mapper(item))),
		// One item at a time, as a loop that awaits does it.
		stream: () => ({
			async *ordered(source, mapper) {
				for await (const item of source) {
					yield await mapper(item);
				}
			},
		}),
	},
};
