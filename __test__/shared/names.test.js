'use strict';

// Who may name a limit how, and for how long a name is taken.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {collect, hold, newName, open, state, until} = require('./helpers.js');

/** Names a limit there, and gives what comes of it. */
const nameThere = ({pLimit, own}, options) => {
	own.limit = pLimit(options);
	return own.limit.concurrency;
};

describe('a name', () => {
	test('in one thread is one gate, however often it is named', async () => {
		const name = newName();
		const [first, second] = [pLimit({name, concurrency: 1}), pLimit({name})];
		const held = hold(first);
		const call = second(() => 'second');
		assert.deepEqual([first.pendingCount, second.activeCount], [1, 1]);
		held.free();
		assert.equal(await call, 'second');
	});

	test('has nothing to do with another one', async () => {
		const [first, second] = [pLimit({name: newName(), concurrency: 1}), pLimit({name: newName(), concurrency: 1})];
		const held = hold(first);
		assert.equal(await second(() => 'second'), 'second');
		held.free();
	});

	test('may be any string', async t => {
		const {threads} = open(t);
		for (const name of ['', 'ä b\n', '__proto__', 'a\0b', '\u{1F600}']) {
			const limit = pLimit({name, concurrency: 7});
			assert.equal(await threads[0].run(nameThere, {name}), 7, name);
			assert.equal(limit.concurrency, 7);
		}

		assert.throws(() => pLimit({name: 1, concurrency: 1}), {code: 'ERR_INVALID_ARG', message: /`name`.*string.*got 1/});
	});

	test('is not taken by a limit that is refused', async t => {
		const {threads} = open(t);
		const quotas = {rate: {a: {limit: 1, interval: 10}}};
		for (const refused of [
			options => pLimit({...options, concurrency: 2, weight: 5}),
			options => pLimit({...options, concurrency: 2, ...quotas, cost: {b: 1}}),
			options => pLimit.keyed({concurrency: 8, weight: 5, total: {...options, concurrency: 2}}),
		]) {
			const name = newName();
			assert.throws(() => refused({name}), {code: 'ERR_INVALID_ARG'});
			assert.equal(await threads[0].run(nameThere, {name, concurrency: 4}), 4);
			assert.equal(pLimit({name}).concurrency, 4);
			assert.throws(() => refused({name}), {code: 'ERR_INVALID_ARG'});
			const limit = pLimit({name});
			assert.throws(() => pLimit({name, weight: 9}), {code: 'ERR_INVALID_ARG'});
			assert.throws(() => pLimit.keyed({concurrency: 16, weight: 9, total: {name}}), {code: 'ERR_INVALID_ARG'});
			assert.equal(await limit(() => 'works'), 'works');
			assert.equal(await pLimit({name})(() => 'works'), 'works');
		}
	});

	test('that nobody has yet needs a concurrency', async t => {
		const {threads} = open(t);
		const name = newName();
		const refused = {
			code: 'ERR_INVALID_ARG',
			message: `\`concurrency\` must be given by who names a limit first, got none for '${name}'`,
		};
		assert.throws(() => pLimit({name}), refused);
		await assert.rejects(threads[0].run(nameThere, {name}), refused);
		const limit = pLimit({name, concurrency: 3});
		assert.equal(await threads[0].run(nameThere, {name}), 3);
		assert.equal(limit.concurrency, 3);
	});
});

describe('who joins', () => {
	const given = {
		concurrency: 4,
		reserve: 2,
		offlineShare: 1 / 8,
		maxQueue: {online: 10, offline: Number.POSITIVE_INFINITY},
		overflow: 'wait',
	};

	test('may say the same, or less', async t => {
		const {threads} = open(t);
		const name = newName();
		const limit = pLimit({name, ...given});
		for (const options of [
			{},
			given,
			{concurrency: 4},
			{reserve: 2},
			{offlineShare: 1 / 8},
			{maxQueue: {online: 10}},
		]) {
			assert.equal(pLimit({name, ...options}).concurrency, 4);
			assert.equal(await threads[0].run(nameThere, {name, ...options}), 4);
		}

		assert.equal(limit.concurrency, 4);
	});

	for (const [option, value, message] of [
		['concurrency', 5, /`concurrency` of the limit 'limit \d+' is 4, got 5/],
		['concurrency', Number.POSITIVE_INFINITY, /`concurrency` of the limit 'limit \d+' is 4, got Infinity/],
		['reserve', 1, /`reserve` of the limit 'limit \d+' is 2, got 1/],
		['offlineShare', 0.5, /`offlineShare` of the limit 'limit \d+' is 0\.125, got 0\.5/],
		['maxQueue', 11, /`maxQueue.online` of the limit 'limit \d+' is 10, got 11/],
		['maxQueue', {offline: 3}, /`maxQueue.offline` of the limit 'limit \d+' is Infinity, got 3/],
		['overflow', 'reject', /`overflow` of the limit 'limit \d+' is 'wait', got 'reject'/],
	]) {
		test(`may not say otherwise: ${option} ${JSON.stringify(value)}`, async t => {
			const {threads} = open(t);
			const name = newName();
			const limit = pLimit({name, ...given});
			const refused = {name: 'InvalidArgError', code: 'ERR_INVALID_ARG', message};
			assert.throws(() => pLimit({name, [option]: value}), refused);
			await assert.rejects(threads[0].run(nameThere, {name, [option]: value}), refused);
			assert.equal(await limit(() => 'as before'), 'as before');
			assert.equal(limit.concurrency, 4);
		});
	}

	test('may name the concurrency that it was made with, or has now', async t => {
		const {threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 2});
		limit.concurrency = 5;
		assert.equal(await threads[0].run(nameThere, {name, concurrency: 2}), 5);
		assert.equal(await threads[0].run(nameThere, {name, concurrency: 5}), 5);
		await assert.rejects(threads[0].run(nameThere, {name, concurrency: 3}), {message: /is 5, got 3/});
	});

	test('has the default of a reserve to agree with', async t => {
		const {threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 2});
		assert.equal(await threads[0].run(nameThere, {name, reserve: 'auto'}), 2);
		await assert.rejects(threads[0].run(nameThere, {name, reserve: 0}), {message: /`reserve` of .* is 'auto', got 0/});
		assert.equal(limit.concurrency, 2);
	});

	test('in the same thread has to agree on what is of the thread', async () => {
		const name = newName();
		const limit = pLimit({name, concurrency: 2, rejectOnClear: true, nested: 'detect'});
		for (const [option, is, value] of [
			['rejectOnClear', 'true', false],
			['nested', 'detect', 'lend'],
		]) {
			assert.throws(() => pLimit({name, [option]: value}), {
				code: 'ERR_INVALID_ARG',
				message: new RegExp(`\`${option}\` must be as before \\(${is}\\) for the limit '${name}', got '?${value}`),
			});
		}

		const other = newName();
		const plain = pLimit({name: other, concurrency: 2});
		assert.throws(() => pLimit({name: other, nested: 'lend'}), {code: 'ERR_INVALID_ARG'});
		assert.throws(() => pLimit({name: other, rejectOnClear: true}), {message: /as before \(false\)/});
		pLimit({name: other, rejectOnClear: false});
		assert.deepEqual([limit.concurrency, plain.concurrency], [2, 2]);
	});

	test('in the same thread has its queue cleared as the first has it', async () => {
		const name = newName();
		const first = pLimit({name, concurrency: 1, rejectOnClear: true});
		const second = pLimit({name});
		const held = hold(second);
		await until(() => held.hasBegun);
		const call = second(() => {});
		second.clearQueue();
		await assert.rejects(call, {name: 'AbortError'});
		held.free();
		assert.equal(first.pendingCount, 0);
	});

	test('with an invalid option is told so, as without a name', () => {
		const name = newName();
		assert.throws(() => pLimit({name, concurrency: 0}), TypeError);
		assert.throws(() => pLimit({name, concurrency: 2, reserve: 2}), {code: 'ERR_INVALID_ARG'});
		assert.throws(() => pLimit({name}), {code: 'ERR_INVALID_ARG'}, 'nothing was made');
	});
});

describe('the gate of a name', () => {
	test('is given back when nobody has it any more, and the name is free', async () => {
		const name = newName();
		const use = async () => {
			const limit = pLimit({name, concurrency: 2});
			await limit.map([1, 2, 3], async () => {});
		};
		await use();
		let isFree = false;
		await until(async () => {
			await collect();
			try {
				pLimit({name});
			} catch {
				isFree = true;
			}

			return isFree;
		});
		assert.equal(pLimit({name, concurrency: 9}).concurrency, 9);
	});

	test('lives on in a thread that has it', async t => {
		const {threads} = open(t);
		const name = newName();
		await threads[0].run(nameThere, {name, concurrency: 2});
		(() => pLimit({name}))();
		await collect();
		assert.throws(() => pLimit({name, concurrency: 3}), {code: 'ERR_INVALID_ARG'});
		await threads[0].terminate();
		await until(async () => {
			await collect();
			try {
				return pLimit({name, concurrency: 3}).concurrency === 3;
			} catch {
				return false;
			}
		});
	});

	test('is kept while its calls wait behind another thread, whoever has forgotten the limit', async t => {
		const {threads} = open(t);
		const name = newName();
		await threads[0].run(({pLimit, own, hold}, name) => {
			own.held = hold(pLimit({name, concurrency: 1}));
		}, name);
		const ran = [];
		(() => {
			const limit = pLimit({name});
			limit(() => ran.push('call'));
			limit.map([1, 2], () => ran.push('item'));
			limit.onIdle().then(() => ran.push('idle'));
		})();
		await collect();
		await new Promise(resolve => setTimeout(resolve, 10));
		await collect();
		await threads[0].run(({own}) => own.held.free());
		await until(() => ran.length === 4);
		assert.deepEqual(ran, ['call', 'item', 'item', 'idle']);
	});

	test('is kept while its calls run, whoever has forgotten the limit', async t => {
		const {threads} = open(t);
		const name = newName();
		const held = hold(pLimit({name, concurrency: 1}));
		const there = threads[0].run(({pLimit}, name) => pLimit({name})(() => 'there'), name);
		await collect();
		held.free();
		assert.equal(await there, 'there');
	});

	test('gives back a slot whose work can never end any more', async t => {
		const {threads} = open(t);
		const name = newName();
		await threads[0].run(({pLimit}, name) => {
			pLimit({name, concurrency: 1})(() => new Promise(() => {}));
		}, name);
		const limit = pLimit({name, concurrency: 1});
		const call = limit(() => 'here');
		assert.equal(await state(call), 'pending');
		await until(async () => {
			await threads[0].run(({collect}) => collect());
			return limit.activeCount === 0;
		});
		assert.equal(await call, 'here');
	});
});

describe('nested calls', () => {
	test('are lent the slot, which other threads wait for', async t => {
		const {board, threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 1, nested: 'lend'});
		const there = [];
		const result = await limit(async () => {
			there.push(threads[0].run(({pLimit, board}, name) => pLimit({name})(async () => board.note(2)), name));
			await until(() => limit.pendingCount === 1);
			const inner = await limit(() => limit.map([1, 2], async item => item));
			board.note(1);
			return inner;
		});
		assert.deepEqual(result, [1, 2]);
		await Promise.all(there);
		assert.deepEqual(board.log, [1, 2]);
	});

	test('that could never run are refused, also where another thread has the other slot', async t => {
		const {threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 2, nested: 'detect'});
		await threads[0].run(({pLimit, own}, name) => {
			own.limit = pLimit({name, nested: 'detect'});
			own.outer = own.limit(async () => {
				await new Promise(resolve => {
					own.go = resolve;
				});
				return own.limit(() => 'inner there');
			});
		}, name);
		let code;
		const outer = limit(async () => {
			await threads[0].run(({own}) => own.go());
			await until(() => limit.pendingCount === 1);
			await limit(() => {}).catch(error => {
				code = error.code;
			});
		});
		await outer;
		assert.equal(code, 'ERR_DEADLOCK');
		assert.equal(await threads[0].run(({own}) => own.outer), 'inner there');
		assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
	});

	test('of a thread that knows nothing of nesting are calls like any other', async t => {
		const {threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 2, nested: 'lend'});
		const there = await threads[0].run(({pLimit}, name) => {
			const limit = pLimit({name});
			return limit(() => limit(() => limit.activeCount));
		}, name);
		assert.equal(there, 2);
		assert.equal(await limit(() => limit(() => limit(() => limit.activeCount))), 3, 'in two slots');
	});
});
