// The three ways to run a batch, in one shape, each written as its own documentation does it.
//
// | operation | gives |
// |---|---|
// | `batch` | `(items, work) => promise`, made for a number of slots |
// | `twoServices` | `(items, first, second) => promise`: `second` gets what `first` gives; made for the slots of each |
// | `requests` | `{batch, request}`: a batch as above, and `work => promise` for a request beside it, on the same slots |

/** Results as they are done, so that a slow item holds up no other. */
const UNORDERED = {ordered: false};

/** Chunk after chunk, each as long as its longest item. */
const inChunks = size => async (items, work) => {
	const results = [];
	for (let start = 0; start < items.length; start += size) {
		results.push(...(await Promise.all(items.slice(start, start + size).map(item => work(item)))));
	}

	return results;
};

export const peers = {
	'p-lanes': {
		load: () => import('../../index.mjs'),
		batch: ({default: pLimit}, slots) => pLimit(slots).map,
		twoServices({default: pLimit}, {first: firstSlots, second: secondSlots}) {
			const [a, b] = [pLimit(firstSlots), pLimit(secondSlots)];
			// The second limit takes from the first no faster than it can work.
			return async (items, first, second) => {
				const results = [];
				for await (const result of b.stream(a.stream(items, first, UNORDERED), second, UNORDERED)) {
					results.push(result);
				}

				return results;
			};
		},
		requests({default: pLimit}, slots) {
			const limit = pLimit(slots);
			return {batch: limit.offline.map, request: work => limit(work)};
		},
	},

	// A slot alone is kept for requests, where p-lanes finds by default how many they need.
	'reserve-1': {
		isPackage: false,
		isAside: true,
		load: () => import('../../index.mjs'),
		requests({default: pLimit}, slots) {
			const limit = pLimit({concurrency: slots, reserve: 1});
			return {batch: limit.offline.map, request: work => limit(work)};
		},
	},

	'p-limit': {
		load: () => import('p-limit'),
		batch: ({default: pLimit}, slots) => pLimit(slots).map,
		twoServices({default: pLimit}, {first: firstSlots, second: secondSlots}) {
			const [a, b] = [pLimit(firstSlots), pLimit(secondSlots)];
			return (items, first, second) =>
				Promise.all(
					items.map(async item => {
						const between = await a(() => first(item));
						return b(() => second(between));
					}),
				);
		},
		requests({default: pLimit}, slots) {
			const limit = pLimit(slots);
			return {batch: limit.map, request: work => limit(work)};
		},
	},

	chunks: {
		isPackage: false,
		load: async () => undefined,
		batch: (_library, slots) => inChunks(slots),
		twoServices(_library, {first: firstSlots, second: secondSlots}) {
			// No more than the scarcer service takes.
			const run = inChunks(Math.min(firstSlots, secondSlots));
			return (items, first, second) => run(items, async item => second(await first(item)));
		},
		// Nothing holds a request back: it goes to the service, and waits there if all places are taken.
		requests: (_library, slots) => ({batch: inChunks(slots), request: work => work()}),
	},
};
