// Nanoseconds per no-op call, as JSON.

import pLimit from 'p-lanes';

const noop = async () => {};
const items = Array.from({length: 1000});

const scenarios = {
	async 'burst of 1,000'(limit) {
		await Promise.all(Array.from(items, () => limit(noop)));
	},
	async sequential(limit) {
		for (const _ of items) {
			await limit(noop);
		}
	},
	async 'map of 1,000'(limit) {
		await limit.map(items, noop);
	},
};

const measure = async scenario => {
	const times = [];
	for (let repetition = 0; repetition < 400; repetition++) {
		const limit = pLimit(10);
		const start = process.hrtime.bigint();
		await scenario(limit);
		times.push(Number(process.hrtime.bigint() - start) / items.length);
	}

	return times.sort((a, b) => a - b)[times.length >> 1];
};

const results = {};
for (const [name, scenario] of Object.entries(scenarios)) {
	results[name] = await measure(scenario);
}

console.log(JSON.stringify(results));
