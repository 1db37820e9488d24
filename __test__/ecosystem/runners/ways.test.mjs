// Every way to use the package, in Vitest, with real timers, with fake ones, and after them.

import {createRequire} from 'node:module';
import pLimit from 'p-lanes';
import {afterEach, describe, expect, test, vi} from 'vitest';

const require = createRequire(import.meta.url);
const {ways} = require(process.env.P_LANES_WAYS);

const never = () => new Promise(() => {});

describe('real timers', () => {
	test.each(ways)('%s', async (_name, way) => {
		await way(pLimit, globalThis);
	});
});

describe('fake timers', () => {
	afterEach(() => {
		vi.useRealTimers();
	});

	test.each(ways)('%s', async (_name, way) => {
		vi.useFakeTimers();
		await way(pLimit, globalThis);
	});

	test('a timeout, by the fake clock and by the real one', async () => {
		vi.useFakeTimers();
		const failed = expect(pLimit(1).with({timeout: 3_600_000})(never)).rejects.toThrow(pLimit.TaskTimeoutError);
		await vi.advanceTimersByTimeAsync(3_600_000);
		await failed;
		const later = expect(pLimit(1).with({timeout: 20})(never)).rejects.toThrow(pLimit.TaskTimeoutError);
		vi.useRealTimers();
		await later;
	});
});
