// What a limiter must have done for its time to count.

import {setImmediate} from 'node:timers/promises';

const expect = (isMet, message) => {
	if (!isMet) {
		throw new Error(message);
	}
};

/** As many as there have to be. */
export const checkCount = (count, expected) => {
	expect(count === expected, `${count} results in place of ${expected}`);
};

/** All results are there, each at its place. */
export const checkResults = (results, count, expected = index => index) => {
	checkCount(results.length, count);
	for (let index = 0; index < count; index++) {
		expect(results[index] === expected(index), `result ${index} is ${results[index]} in place of ${expected(index)}`);
	}
};

/** Counts the tasks that are under way. */
export class Meter {
	active = 0;
	most = 0;

	async run(work) {
		this.active++;
		this.most = Math.max(this.most, this.active);
		await work();
		this.active--;
	}
}

/** A map runs as many tasks at once as it may, never more, and gives their results in order. */
export const checkCap = async (map, cap) => {
	const items = Array.from({length: 50}, (_, index) => index);
	const meter = new Meter();
	const results = await map(items, async item => {
		await meter.run(() => setImmediate());
		return item;
	});
	checkResults(results, items.length);
	const most = Math.min(cap, items.length);
	expect(meter.most === most, `${meter.most} tasks at once in place of ${most}`);
};

/** No more tasks at once than slots. */
export const checkMeter = (meter, cap) => {
	expect(meter.active === 0, `${meter.active} tasks have not ended`);
	expect(meter.most <= cap, `${meter.most} tasks at once with ${cap} slots`);
};
