'use strict';

// The addon in worker threads: loaded by many at once, and ended at any moment.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {Worker} = require('node:worker_threads');

const entry = require.resolve('p-lanes');

const start = body =>
	new Worker(
		`const {parentPort} = require('node:worker_threads'); const pLimit = require(${JSON.stringify(entry)}); ${body}`,
		{
			eval: true,
		},
	);

const message = worker =>
	new Promise((resolve, reject) => {
		worker.once('message', resolve);
		worker.once('error', reject);
	});

describe('worker threads', () => {
	test('twenty load it at once, use it and end by themselves', async () => {
		const workers = Array.from({length: 20}, () =>
			start(`
				const limit = pLimit(3);
				limit.map(Array.from({length: 1000}).keys(), async item => item)
					.then(items => parentPort.postMessage(items.length + limit.stats().online.settled));`),
		);
		const exits = workers.map(worker => new Promise(resolve => worker.once('exit', resolve)));
		assert.deepEqual(await Promise.all(workers.map(message)), Array(20).fill(2000));
		assert.deepEqual(await Promise.all(exits), Array(20).fill(0));
	});

	test('twenty are terminated in the middle of their work', async () => {
		const workers = Array.from({length: 20}, () =>
			start(`
				const limit = pLimit(3);
				const work = () => new Promise(setImmediate);
				const go = () => Promise.all(Array.from({length: 1000}, () => limit.offline(work))).then(go);
				go();
				parentPort.postMessage('started');`),
		);
		await Promise.all(workers.map(message));
		await Promise.all(workers.map(worker => worker.terminate()));
		assert.equal(await require('p-lanes')(1)(() => 'still here'), 'still here');
	});
});
