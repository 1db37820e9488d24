'use strict';

// Scripts in a process of their own, which has to come to its end by itself.

const assert = require('node:assert/strict');
const {spawnSync} = require('node:child_process');
const path = require('node:path');

/** Runs a script with `pLimit`, `gc` and `heap()` (bytes in use after a collection), and gives what it prints. */
const run = body => {
	const script = `
		const pLimit = require('p-lanes');
		const collect = async () => { for (let i = 0; i < 5; i++) { gc(); await new Promise(setImmediate); } };
		const heap = async () => { await collect(); return process.memoryUsage().heapUsed; };
		(async () => { ${body} })();`;
	const {status, stdout, stderr} = spawnSync(process.execPath, ['--expose-gc', '-e', script], {
		cwd: path.join(__dirname, '..'),
		encoding: 'utf8',
		timeout: 120_000,
	});
	assert.equal(stderr, '');
	assert.equal(status, 0);
	assert.notEqual(stdout, '', 'the script has come to its end');
	return stdout.trim();
};

module.exports = {run};
