'use strict';

const assert = require('node:assert/strict');
const {test} = require('node:test');
const {setFlagsFromString} = require('node:v8');
const {runInNewContext} = require('node:vm');
const {Pool} = require('p-lanes');

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const filename = 'data:text/javascript,export default x => x';

test('a pool that was closed and is collected takes nothing from the pools made after it', async () => {
	for (let round = 0; round < 5; round++) {
		const first = new Pool({filename, maxThreads: 1});
		assert.equal(await first.run(round), round);
		await first.close();
	}

	const second = new Pool({filename, maxThreads: 1});
	await new Promise(setImmediate);
	collect();
	await new Promise(setImmediate);
	collect();
	assert.equal(await second.run('here'), 'here');
	await second.close();
});
