'use strict';

// `limitFunction`: one function with a limit of its own.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {setImmediate: turn} = require('node:timers/promises');
const {forEachPackage, noop, task} = require('./packages.js');

forEachPackage(({limitFunction}) => {
	describe('limitFunction', () => {
		test('limits one function, with options or a bare number', async () => {
			for (const options of [2, {concurrency: 2}]) {
				let running = 0;
				let most = 0;
				const limited = limitFunction(async (a, b) => {
					running++;
					most = Math.max(most, running);
					await turn();
					running--;
					return a + b;
				}, options);
				const sums = await Promise.all(Array.from({length: 6}, (_, index) => limited(index, 10)));
				assert.deepEqual(sums, [10, 11, 12, 13, 14, 15]);
				assert.equal(most, 2);
			}
		});

		test('gives each function its own limit', async () => {
			const [a, b] = [task(), task()];
			const first = limitFunction(a.run, 1)();
			const second = limitFunction(b.run, 1)();
			await turn();
			assert.ok(a.started && b.started);
			a.resolve();
			b.resolve();
			await Promise.all([first, second]);
		});

		test('gives the function the clearQueue of its limit', async () => {
			const limited = limitFunction(() => turn(), {concurrency: 1, rejectOnClear: true});
			const first = limited();
			const dropped = limited();
			limited.clearQueue();
			await assert.rejects(dropped, {name: 'AbortError'});
			await first;
			const {enumerable, writable, configurable} = Object.getOwnPropertyDescriptor(limited, 'clearQueue');
			assert.deepEqual([enumerable, writable, configurable], [false, false, false]);
		});

		test('refuses the options that pLimit refuses', () => {
			assert.throws(() => limitFunction(noop, 0), {message: 'Expected `concurrency` to be a number from 1 and up'});
		});
	});
});
