'use strict';

// Which failures Node reports as unhandled rejections.

const assert = require('node:assert/strict');
const {spawnSync} = require('node:child_process');
const path = require('node:path');
const {describe, test} = require('node:test');

const root = path.join(__dirname, '..', '..');

describe('unhandled rejections', () => {
	// In a process of its own, where nothing else handles or hides them.
	const count = (entry, body) => {
		const script = `
			let unhandled = 0;
			process.on('unhandledRejection', () => { unhandled++; });
			const pLimit = (await import('${entry}')).default;
			const fail = async () => { throw new Error('no'); };
			const limit = pLimit(1);
			${body}
			await new Promise(resolve => { setTimeout(resolve, 20); });
			console.log(unhandled);`;
		const {stdout, stderr} = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
			cwd: root,
			encoding: 'utf8',
		});
		assert.equal(stderr, '');
		return Number(stdout);
	};

	for (const [expected, what, body] of [
		[1, 'a failing task that nobody handles', 'limit(fail);'],
		[1, 'a failing queued task that nobody handles', 'limit(async () => {}); limit(fail);'],
		[1, 'a synchronous throw that nobody handles', 'limit(() => { throw new Error("no"); });'],
		[0, 'a failing task that somebody handles', 'limit(fail).catch(() => {}); limit(fail).catch(() => {});'],
		[1, 'a failing map that nobody handles', 'limit.map([1, 2, 3], fail);'],
		[0, 'a failing map that somebody handles', 'limit.map([1, 2, 3], fail).catch(() => {});'],
		[
			0,
			'an iterable that throws, handled',
			'limit.map((function* () { yield 1; throw new Error("broken"); })(), fail).catch(() => {});',
		],
	]) {
		for (const entry of ['p-limit', 'p-lanes']) {
			test(`${entry}: ${expected} for ${what}`, () => {
				assert.equal(count(entry, body), expected);
			});
		}
	}
});
