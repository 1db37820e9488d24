// The batch: downloads items one after the other, and stores each result as a line of a file.

import {open} from 'node:fs/promises';
import {LimitClosedError} from 'p-lanes';

function* numbers(count) {
	for (let item = 1; item <= count; item++) {
		yield item;
	}
}

/**
 * Runs until all items are stored, or until the limit is drained. Gives how many results were stored.
 *
 * @throws {Error} The file can't be written.
 */
export const runBatch = async (limit, ask, {items, file}) => {
	const download = async item => ({item, answer: await ask(`/items/${item}`, limit.signal)});
	const output = await open(file, 'a');
	let stored = 0;
	try {
		for await (const {status, value, reason} of limit.offline.stream(numbers(items), download, {settle: true})) {
			if (status === 'fulfilled') {
				await output.appendFile(`${JSON.stringify(value)}\n`);
				stored++;
			} else if (!(reason instanceof LimitClosedError)) {
				console.error(`item failed: ${reason.message}`);
			}
		}
	} catch (error) {
		// How a stream ends when its limit is drained: behind the results of all items that were running.
		if (!(error instanceof LimitClosedError)) {
			throw error;
		}
	} finally {
		await output.close();
	}

	return stored;
};
