'use strict';

// Random programs against a small model of the policy: who runs, who waits, in which order, what each caller is told,
// and that nothing is lost or run twice. See model/.

const assert = require('node:assert/strict');
const {test} = require('node:test');
const fc = require('fast-check');
const {run} = require('./model/run.js');
const {program} = require('./model/steps.js');

test('random programs behave as the model says', async () => {
	const seen = new Set();
	await fc.assert(
		fc.asyncProperty(program, given => run(given, seen)),
		{numRuns: Number(process.env.MODEL_RUNS ?? 1000)},
	);

	// All of this has come up in them, or they would prove less than they seem to.
	for (const outcome of [
		'ERR_INVALID_ARG',
		'ERR_QUEUE_FULL',
		'ERR_DROPPED',
		'move',
		'refused move',
		'cancel',
		'ERR_QUEUE_TIMEOUT',
		'ERR_TASK_TIMEOUT',
		'AbortError',
		'abort of a running call',
		'abort of others',
		'a slot that was free',
		'no slot that was free',
	]) {
		assert.ok(seen.has(outcome), outcome);
	}
});
