'use strict';

// A failure that nobody handles is told once, and one that somebody handles is not. Each in a process of its own, where
// nothing else handles or hides it.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {run} = require('../script.js');

const fail = "async () => { throw new Error('nobody handles this'); }";

const cases = {
	'a call with options': `limit.with({timeout: 1000})(${fail})`,
	'a call that is retried': `limit.with({retry: {retries: 1, minTimeout: 0}})(${fail})`,
	'a map': `limit.map([1, 2], ${fail})`,
	'a map that stops': `limit.map([1, 2], ${fail}, {stopOnError: true})`,
	'a map with options of each item': `limit.with({timeout: 1000}).map([1, 2], ${fail})`,
	once: `limit.once('key', ${fail})`,
	'once, joined by another': `(limit.once('key', ${fail}), limit.once('key', ${fail}))`,
	'once, with a signal': `limit.with({signal: new AbortController().signal}).once('key', ${fail})`,
	'a stream': `limit.stream([1], ${fail}).next()`,
	'a call inside a call, in its slot': `inheriting(() => { inheriting(${fail}); })`,
	'a map inside a call, in its slot': `inheriting(() => { inheriting.map([1, 2], ${fail}); })`,
};

/** How many unhandled rejections a script has, to its end. */
const unhandled = code =>
	Number(
		run(`
			let told = 0;
			process.on('unhandledRejection', () => { told++; });
			process.on('exit', () => { console.log(told); });
			const limit = pLimit(1);
			const inheriting = pLimit({concurrency: 1, nested: 'lend'});
			${code};`),
	);

describe('a failure', () => {
	for (const [name, code] of Object.entries(cases)) {
		test(`of ${name}, not handled: is told once`, () => {
			assert.equal(unhandled(code), 1);
		});
	}

	for (const [name, code] of Object.entries(cases).filter(([, code]) => code.startsWith('limit'))) {
		test(`of ${name}, handled: is not told`, () => {
			assert.equal(unhandled(`${code}.catch(() => {})`), 0);
		});
	}
});
