// What a limiter must have done for its time to count.

import {setImmediate} from 'node:timers/promises';
import {checkResults, expect} from '../shared/checks.mjs';

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
