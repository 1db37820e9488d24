'use strict';

// Scripts in a process of their own, which has to come to its end by itself.

const assert = require('node:assert/strict');
const {spawnSync} = require('node:child_process');
const path = require('node:path');

/**
 * For exact collections: what V8's compiler is busy with in a thread of its own it keeps, in every collection until it
 * is done, and with it all that was at hand where it was compiled.
 */
const FLAGS = ['--expose-gc', '--no-concurrent-recompilation'];

/** In a script, a function: makes a `pLimit` whose limits are kept. One that is collected before the end tells of no calls. */
const KEEPING =
	'(make => Object.assign((...args) => { (globalThis.kept ??= []).push(make(...args)); return kept.at(-1); }, make))';

/**
 * Runs a script with `pLimit`, `collect()` and `heap()` (bytes in use after a collection), and gives what it prints. `isStuck`: calls
 * are pending at its end, of which a warning tells.
 */
const run = (body, {isStuck = false} = {}) => {
	const script = `
		const pLimit = ${isStuck ? KEEPING : ''}(require('p-lanes'));
		const collect = async () => { for (let i = 0; i < 5; i++) { gc(); await new Promise(setImmediate); } };
		const heap = async () => { await collect(); return process.memoryUsage().heapUsed; };
		(async () => { ${body} })();`;
	const {status, stdout, stderr} = spawnSync(process.execPath, [...FLAGS, '-e', script], {
		cwd: path.join(__dirname, '..'),
		encoding: 'utf8',
		timeout: 120_000,
	});
	if (isStuck) {
		assert.match(stderr, /^\(node:\d+\) \[P_LANES_STUCK\] [^\n]+\n[^\n]+\n[^\n]+\n$/);
	} else {
		assert.equal(stderr, '');
	}

	assert.equal(status, 0);
	assert.notEqual(stdout, '', 'the script has come to its end');
	return stdout.trim();
};

module.exports = {KEEPING, run};
