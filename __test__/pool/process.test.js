'use strict';

// What of a pool holds the process, and what does not.

const assert = require('node:assert/strict');
const {spawnSync} = require('node:child_process');
const path = require('node:path');
const {describe, test} = require('node:test');
const {fixture} = require('./helpers.js');

/** Runs a script with `Pool`, `filename` and `pool`, and gives what it prints and how it ended. */
const run = body => {
	const script = `
		const {Pool} = require('p-lanes');
		const filename = ${JSON.stringify(fixture('work.js'))};
		const {Board} = require(${JSON.stringify(path.join(__dirname, 'board.js'))});
		(async () => { ${body} })();`;
	const {status, signal, stdout, stderr} = spawnSync(process.execPath, ['-e', script], {
		cwd: path.join(__dirname, '../..'),
		encoding: 'utf8',
		timeout: 20_000,
	});
	assert.equal(stderr, '');
	return {status, signal, stdout};
};

describe('the process', () => {
	for (const [what, body] of [
		['a pool that never ran anything', 'new Pool({filename});'],
		['threads that are starting', 'new Pool({filename, minThreads: 2});'],
		[
			'an idle pool that was never closed',
			'const pool = new Pool({filename, maxThreads: 2}); await pool.map([1, 2, 3]);',
		],
		[
			'one that waits to retire threads',
			'const pool = new Pool({filename, minThreads: 0, maxThreads: 1, idleTimeout: 60_000}); await pool.run(1);',
		],
		[
			'a signal that may abort yet',
			'const pool = new Pool({filename, maxThreads: 1}); await pool.run(1, {signal: new AbortController().signal, timeout: 60_000});',
		],
		[
			'a pool that was closed',
			'const pool = new Pool({filename, maxThreads: 2}); await pool.run(1); await pool.close();',
		],
		[
			'a pool that was destroyed',
			'const pool = new Pool({filename, maxThreads: 2}); await pool.run(1); await pool.destroy();',
		],
		[
			'a stream that nobody goes on with',
			'const pool = new Pool({filename, maxThreads: 2}); await pool.stream([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).next();',
		],
		[
			'timers of a worker',
			'const board = new Board(); const pool = new Pool({filename, maxThreads: 1, workerData: board.workerData}); await pool.run(1, {name: "tick"});',
		],
	]) {
		test(`is not held by ${what}`, () => {
			assert.deepEqual(run(`${body} console.log('end');`), {status: 0, signal: null, stdout: 'end\n'});
		});
	}

	test('is held by jobs in flight', () => {
		assert.equal(
			run(`
				const pool = new Pool({filename, maxThreads: 1});
				pool.run('later', {name: 'later'}).then(console.log);
				pool.map([1, 2, 3], {name: 'double'}).then(result => console.log(result.join()));
			`).stdout,
			'later\n2,4,6\n',
		);
	});

	test('is held by a close, until the threads have ended', () => {
		assert.equal(
			run(`
				const pool = new Pool({filename, maxThreads: 2});
				await pool.run(1);
				pool.close().then(() => console.log('closed', pool.threads.length));
			`).stdout,
			'closed 0\n',
		);
	});

	test('may exit while jobs run and wait', () => {
		assert.deepEqual(
			run(`
				const pool = new Pool({filename, maxThreads: 2});
				await pool.run(1);
				pool.run(1, {name: 'spin'});
				pool.map(Array.from({length: 100}).keys());
				process.exit(4);
			`),
			{status: 4, signal: null, stdout: ''},
		);
	});
});
