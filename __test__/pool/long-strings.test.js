'use strict';

// Long strings: Rust reads them as V8 stores them, keeps their memory for the next ones, and V8 reads the longest where
// Rust has put them.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {encode} = require('../../lib/pool/codec/encode.js');
const {kinds} = require('../../lib/pool/codec/kinds.js');
const {run} = require('../script.js');
const {fixture, open} = require('./helpers.js');

/** Around the lengths from which on a string is read, or written, in another way. */
const lengths = [
	510, 511, 512, 513, 1000, 16_384, 16_385, 65_534, 65_535, 65_536, 65_537, 131_072, 1_000_000, 1_048_576,
];

const units = {
	ASCII: 'lanes ',
	'characters below 256': 'é\u00ff\u0080\0a',
	'characters from 256 on': 'a€Ā\uffff',
	'pairs of surrogates': '\u{1f600}a',
	'lone surrogates': 'a\ud800b\udc00',
};

const filled = (unit, length) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length);

describe('a long string comes back as it is', () => {
	for (const [what, unit] of Object.entries(units)) {
		test(what, async t => {
			const pool = open(t);
			for (const length of lengths) {
				const text = filled(unit, length);
				const result = await pool.run(text);
				assert.ok(result === text, `${length}`);
			}

			const texts = lengths.map(length => filled(unit, length));
			const results = await pool.map(texts);
			assert.ok(results.every((result, index) => result === texts[index]));
		});
	}

	test('with one character from 256 on, at either end', async t => {
		const pool = open(t);
		for (const length of lengths) {
			for (const text of [`€${filled('a', length)}`, `${filled('a', length)}€`]) {
				assert.ok((await pool.run(text)) === text, `${length}`);
			}
		}
	});

	test('as a part of a longer one, and put together from others', async t => {
		const pool = open(t);
		const whole = filled('é lanes ', 3_000_000);
		const wide = filled('é€', 400_000);
		for (const text of [
			whole.slice(1, 100_001),
			whole.slice(1_000_001),
			whole.slice(0, 200_000) + whole.slice(7, 200_000),
			wide.slice(1, 100_000),
			`€${whole}`.slice(1), // stored with two bytes for each character
			whole.slice(0, 70_000) + wide,
		]) {
			assert.ok((await pool.run(text)) === text, `${text.length}`);
		}
	});

	test('of tens of millions of characters', async t => {
		const pool = open(t);
		const text = filled('é lanes ', 70_000_000);
		assert.ok((await pool.run(text)) === text);
	});

	test('inside an object', async t => {
		const text = filled('é lanes ', 100_000);
		const {list} = await open(t).run({list: [text, {text}]});
		assert.ok(list[0] === text && list[1].text === text);
	});
});

test('a long string is not serialized', () => {
	assert.equal(encode(filled('lanes ', 100_000), 'task').kind, kinds.oneByteText);
	assert.equal(encode(filled('a€', 100_000), 'task').kind, kinds.text);
});

test('many at a time do not mix, and none changes when their memory is used again', async t => {
	const pool = open(t, {maxThreads: 2});
	const kept = [];
	for (let round = 0; round < 6; round++) {
		const texts = Array.from({length: 24}, (_, index) => filled(`${round} ${index} é `, 65_536 + index * 4096));
		const results = await Promise.all(texts.map(text => pool.run(text)));
		kept.push(...results.map((result, index) => [result, texts[index]]).filter((_, index) => index % 5 === 0));
		assert.ok(results.every((result, index) => result === texts[index]));
	}

	assert.ok(kept.every(([result, text]) => result === text));
});

test('a string outlives the pool that gave it, and can be used as any other', async t => {
	const pool = open(t);
	const text = filled('é lanes ', 200_000);
	const results = [await pool.run(text), await pool.run(text)];
	await pool.destroy();
	const [result, other] = results;
	assert.ok(result === text && other === text);
	assert.ok(result.slice(5) + result === text.slice(5) + text);
	assert.ok({[result]: 1}[text] === 1 && new Set(results).size === 1);
	assert.ok(JSON.parse(JSON.stringify(result)) === text);
	assert.ok(structuredClone(result) === text);
	assert.ok(Buffer.from(result, 'latin1').equals(Buffer.from(text, 'latin1')));
	assert.deepEqual(/s é$/.exec(`${result.trimEnd()} é`)?.[0], 's é');
});

test('threads that are terminated may have strings of ours', async t => {
	const pool = open(t, {maxThreads: 2});
	const text = filled('lanes ', 300_000);
	const runs = Array.from({length: 16}, () => pool.run(text));
	const settled = Promise.allSettled(runs);
	await runs[0];
	await pool.destroy();
	const outcomes = await settled;
	assert.ok(outcomes.every(({value, reason}) => value === text || reason.code === 'ERR_POOL_CLOSED'));
});

test('their memory comes back', () => {
	const output = run(
		`
		const {Pool} = require('p-lanes');
		const pool = new Pool({filename: ${JSON.stringify(fixture('work.js'))}, maxThreads: 1});
		const text = 'lanes '.repeat(200_000);
		const main = async () => {
			for (let job = 0; job < 600; job++) {
				await pool.run(text);
			}
			await pool.destroy();
			console.log(process.resourceUsage().maxRSS);
		};
		main();`,
	);
	// All of them are 1.4 GB.
	assert.ok(Number(output) < 700_000, output);
});
