'use strict';

// Values that run code when they are read. A pool answers as `structuredClone` does, at any size: the same value or the
// same refusal, and the same properties are read, each once and in the same order. What is too deep for `structuredClone`
// is in deep.test.js.

const assert = require('node:assert/strict');
const {before, after, describe, test} = require('node:test');
const {Pool} = require('p-lanes');
const {makers, sized, takeNotes} = require('./fixtures/awkward.js');
const {fixture} = require('./helpers.js');
const {portrait} = require('./portrait.js');

let pool;
before(() => {
	pool = new Pool({filename: fixture('awkward.js'), name: 'echo', maxThreads: 1});
});
after(() => pool.destroy());

/** How it ends, as text: a portrait, or what the error is. */
const outcome = async run => {
	try {
		return portrait(await run());
	} catch (error) {
		const isRefusal =
			error.name === 'DataCloneError' ||
			['ERR_NOT_CLONEABLE', 'ERR_MISSING_TRANSFERABLE_IN_TRANSFER_LIST'].includes(error.code);
		if (isRefusal) {
			return 'not cloneable';
		}

		return `${error.name}: ${error.message}`;
	}
};

const read = async run => {
	takeNotes();
	const ended = await outcome(run);
	return {ended, notes: takeNotes()};
};

describe('tasks', () => {
	for (const name of Object.keys(makers)) {
		test(name, async () => {
			for (const isLarge of [false, true]) {
				const expected = await read(() => structuredClone(sized(makers[name](), isLarge)));
				assert.deepEqual(await read(() => pool.run(sized(makers[name](), isLarge))), expected);
			}

			const bare = await read(() => structuredClone(makers[name]()));
			assert.deepEqual(await read(() => pool.run(makers[name]())), bare);
		});
	}
});

describe('results', () => {
	for (const name of Object.keys(makers)) {
		test(name, async () => {
			for (const isLarge of [false, true]) {
				const expected = await read(() => structuredClone(sized(makers[name](), isLarge)));
				await pool.run(undefined, {name: 'takeNotes'});
				const ended = await outcome(() => pool.run({name, isLarge}, {name: 'make'}));
				assert.deepEqual({ended, notes: await pool.run(undefined, {name: 'takeNotes'})}, expected);
			}
		});
	}
});

describe('many tasks that travel together', () => {
	/** Enough for the pool to see that tasks are short, and to send several as one. */
	const numbers = Array.from({length: 2000}, (_, index) => index);

	for (const name of Object.keys(makers)) {
		test(name, async () => {
			const expected = await outcome(() => structuredClone({value: makers[name]()}));
			const tasks = [...numbers, {value: makers[name]()}, ...numbers];
			assert.equal(await outcome(async () => (await pool.map(tasks))[numbers.length]), expected);
			const names = [...numbers.map(() => 'undefined'), name];
			const results = () =>
				pool.map(
					names.map(name => ({name})),
					{name: 'make'},
				);
			assert.equal(await outcome(async () => (await results())[numbers.length]), expected);
		});
	}
});

test('a value that was refused leaves nothing behind', async () => {
	await assert.rejects(pool.map([...Array.from({length: 2000}, (_, index) => index), 1, () => {}, 2]), {
		code: 'ERR_NOT_CLONEABLE',
	});
	assert.equal(await pool.run(1), 1);
	assert.equal(pool.queueSize, 0);
	assert.equal(pool.stats().online.active, 0);
});
