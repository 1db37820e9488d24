'use strict';

// Threads and processes that end, or have to end by themselves, with anything under way.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {Worker} = require('node:worker_threads');
const pLimit = require('p-lanes');
const {run} = require('../script.js');
const {hold, newName, open, range, state, until} = require('./helpers.js');

/** Uses a limit in every way, so that all that waits, runs and is told of is there when the thread ends. */
const useAll = ({pLimit, own, turn, board}, name) => {
	const limit = pLimit({name});
	own.limit = limit;
	const work = () => turn();
	own.all = [
		limit(() => new Promise(() => {})),
		limit.offline(() => new Promise(() => {})),
		limit.map(Array.from({length: 1_000}), work),
		limit.offline.with({timeout: 60_000}).map(Array.from({length: 10}), work),
		limit.with({queueTimeout: 60_000, signal: new AbortController().signal})(work),
		limit.once('key', work),
		limit.stream(Array.from({length: 100}), work).next(),
		limit.onIdle(),
		limit.with({weight: 2})(work),
	];
	board.note(1);
};

describe('a thread that ends', () => {
	test('gives back its slots and tickets, terminated in the middle of everything', async t => {
		const {board, threads} = open(t, 2);
		const name = newName();
		const limit = pLimit({name, concurrency: 4});
		const mine = hold(limit);
		await Promise.all(threads.map(thread => thread.run(useAll, name)));
		const map = limit.map(range(100), async item => item);
		const idle = limit.onIdle();
		await threads[0].terminate();
		assert.equal(await state(idle), 'pending');
		await threads[1].terminate();
		assert.deepEqual(await map, range(100));
		mine.free();
		await idle;
		assert.deepEqual([limit.activeCount, limit.pendingCount, board.length], [0, 0, 2]);
		const all = [0, 0, 0, 0];
		await limit.map(all, () => until(() => limit.activeCount === 4));
	});

	test('gives them back by process.exit, and by an error of its own', async t => {
		for (const end of [
			() => process.exit(7),
			() => {
				setImmediate(() => {
					throw new Error('own');
				});
			},
		]) {
			const {threads} = open(t);
			const name = newName();
			const limit = pLimit({name, concurrency: 2, reserve: 0});
			await threads[0].run(useAll, name);
			assert.ok(limit.pendingCount > 0);
			const call = limit(() => 'here');
			const idle = limit.onIdle();
			threads[0].run(end).catch(() => {});
			assert.equal(await call, 'here');
			await idle;
			await threads[0].exited;
		}
	});

	test('gives back slots that it was not told of yet', async t => {
		const {board, threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 2, reserve: 0});
		const mine = [hold(limit), hold(limit)];
		await until(() => mine.every(({hasBegun}) => hasBegun));
		await threads[0].run(({pLimit, own, board}, name) => {
			own.limit = pLimit({name});
			own.limit(() => board.note(2));
			own.limit.map([1, 2, 3], () => board.note(3));
		}, name);
		// It reads nothing any more.
		threads[0].run(({board}) => {
			board.note(1);
			for (;;);
		});
		await board.reaches(1);
		const next = limit(() => 'next');
		for (const {free, ended} of mine) {
			free();
			await ended;
		}

		assert.equal(limit.activeCount, 2, 'its calls have the slots');
		assert.equal(await state(next), 'pending');
		await threads[0].terminate();
		assert.equal(await next, 'next');
		assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
		assert.deepEqual(board.log, [1]);
	});

	test('leaves the queue of others in its order', async t => {
		const {board, threads} = open(t, 2);
		const name = newName();
		const limit = pLimit({name, concurrency: 1});
		const mine = hold(limit);
		const note = async ({pLimit, own, board}, name, number) => {
			own.limit = pLimit({name});
			own.limit(async () => board.note(number));
		};
		for (const number of range(5)) {
			await threads[0].run(note, name, 100 + number);
			await threads[1].run(note, name, number);
		}

		await threads[0].terminate();
		assert.equal(limit.pendingCount, 5);
		mine.free();
		assert.deepEqual(await board.reaches(5), range(5));
	});

	test('has closed for all what it drained', async t => {
		const {threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 1});
		await threads[0].run(({pLimit}, name) => pLimit({name}).drain(), name);
		await threads[0].terminate();
		await assert.rejects(
			limit(() => {}),
			{code: 'ERR_LIMIT_CLOSED'},
		);
	});

	test('does not take the name along while others have it', async t => {
		const {threads} = open(t, 2);
		const name = newName();
		await threads[0].run(({pLimit, own}, name) => {
			own.limit = pLimit({name, concurrency: 3});
		}, name);
		const limit = pLimit({name});
		await threads[0].terminate();
		assert.equal(await threads[1].run(({pLimit}, name) => pLimit({name}).concurrency, name), 3);
		assert.equal(limit.concurrency, 3);
	});
});

describe('a thread', () => {
	const entry = JSON.stringify(require.resolve('p-lanes'));

	/** A worker with nothing but a script, which has to end by itself; gives its messages. */
	const runToEnd = (name, body) => {
		const messages = [];
		const worker = new Worker(
			`const {parentPort} = require('node:worker_threads');
			const limit = require(${entry})({name: ${JSON.stringify(name)}});
			const say = message => { parentPort.postMessage(message); };
			${body}`,
			{eval: true},
		);
		worker.on('message', message => messages.push(message));
		const exited = new Promise((resolve, reject) => {
			worker.once('exit', code => resolve([code, ...messages]));
			worker.once('error', reject);
		});
		return {exited, messages};
	};

	test('with an idle limit ends', async () => {
		const name = newName();
		const limit = pLimit({name, concurrency: 1});
		assert.deepEqual(await runToEnd(name, `limit(() => 'ran').then(say);`).exited, [0, 'ran']);
		assert.deepEqual(await runToEnd(name, `limit.map([1, 2], x => x).then(say);`).exited, [0, [1, 2]]);
		assert.deepEqual(await runToEnd(name, `limit.onIdle().then(() => say('idle'));`).exited, [0, 'idle']);
		assert.equal(limit.stats().online.settled, 3);
	});

	test('with an idle limit ends, while others use it', async () => {
		const name = newName();
		const limit = pLimit({name, concurrency: 2});
		const mine = hold(limit);
		assert.deepEqual(await runToEnd(name, `limit(() => 'ran').then(say);`).exited, [0, 'ran']);
		mine.free();
	});

	test('goes on while its calls wait for the slot of another one', async () => {
		for (const [body, expected] of [
			[`limit(() => 'call').then(say);`, 'call'],
			[`limit.map([1, 2], x => x).then(say);`, [1, 2]],
			[`limit.stream([1], x => x).next().then(({value}) => say(value));`, 1],
			[`limit.onIdle().then(() => say('idle'));`, 'idle'],
			[`limit.offline(() => 'offline').then(say);`, 'offline'],
		]) {
			const name = newName();
			const limit = pLimit({name, concurrency: 1});
			const mine = hold(limit);
			const {exited} = runToEnd(name, `say('waits'); ${body}`);
			// Nothing keeps it but that: it would have ended by the time that two others have.
			await runToEnd(name, '').exited;
			await runToEnd(name, '').exited;
			assert.equal(await state(exited), 'pending');
			mine.free();
			assert.deepEqual(await exited, [0, 'waits', expected]);
		}
	});

	test('goes on while it waits for room that another one took when it was told of it', async () => {
		const name = newName();
		const limit = pLimit({name, concurrency: 1, maxQueue: 0});
		const {exited, messages} = runToEnd(
			name,
			`let end;
			limit(() => new Promise(resolve => { end = resolve; }));
			setImmediate(() => { // where the loop ends then, if nothing keeps it, and looks for no event before
				limit.ready().then(() => {
					say('room');
					while (limit.activeCount === 0);
				});
				limit.ready().then(() => say('mine'));
				end();
			});`,
		);
		await until(() => messages.includes('room'));
		const taken = hold(limit);
		await runToEnd(name, '').exited;
		await runToEnd(name, '').exited;
		assert.equal(await state(exited), 'pending');
		taken.free();
		assert.deepEqual(await exited, [0, 'room', 'mine']);
	});

	test('goes on while it waits for the end of a pause that another one began', async () => {
		const name = newName();
		const limit = pLimit({name, concurrency: 1});
		limit.pause();
		const {exited} = runToEnd(name, `limit(() => 'call').then(say);`);
		await until(() => limit.pendingCount === 1);
		await runToEnd(name, '').exited;
		assert.equal(await state(exited), 'pending');
		limit.resume();
		assert.deepEqual(await exited, [0, 'call']);
	});

	test('ends when the one that began the pause it waits for is gone', async t => {
		const {threads} = open(t);
		const name = newName();
		const limit = pLimit({name, concurrency: 1});
		await threads[0].run(({pLimit, own}, name) => {
			own.limit = pLimit({name});
			own.limit.pause();
		}, name);
		const {exited} = runToEnd(name, `limit(() => say('never'));`);
		await until(() => limit.pendingCount === 1);
		await threads[0].terminate();
		assert.deepEqual(await exited, [0]);
		assert.equal(limit.isPaused, true);
		limit.resume();
		assert.equal(await limit(() => 'ran'), 'ran');
	});

	test('ends where its calls wait for its own slot, that nothing will free', async () => {
		const name = newName();
		const limit = pLimit({name, concurrency: 1});
		const {exited} = runToEnd(name, `limit(() => new Promise(() => {})); limit(() => say('never'));`);
		assert.deepEqual(await exited, [0]);
		assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);
	});

	test('ends where it has paused the limit, when nobody else holds a slot any more', async () => {
		const name = newName();
		const limit = pLimit({name, concurrency: 2});
		const mine = hold(limit);
		const {exited} = runToEnd(name, `limit.pause(); limit(() => say('never'));`);
		await until(() => limit.pendingCount === 1);
		assert.equal(await state(exited), 'pending');
		mine.free();
		assert.deepEqual(await exited, [0]);
	});

	test('ends when what it waited for was given up', async () => {
		for (const giveUp of [`limit.clearQueue();`, `controller.abort();`]) {
			const name = newName();
			const limit = pLimit({name, concurrency: 1});
			const mine = hold(limit);
			const {exited} = runToEnd(
				name,
				`const controller = new AbortController();
				limit.with({signal: controller.signal})(() => {}).catch(() => {});
				setImmediate(() => { ${giveUp} say('given up'); });`,
			);
			assert.deepEqual(await exited, [0, 'given up']);
			mine.free();
		}
	});

	test('ends when another one has cleared what it waited for', async () => {
		const name = newName();
		const limit = pLimit({name, concurrency: 1});
		const mine = hold(limit);
		const {exited} = runToEnd(name, `limit(() => {});`);
		await until(() => limit.pendingCount === 1);
		limit.clearQueue({everywhere: true});
		assert.deepEqual(await exited, [0]);
		mine.free();
	});
});

describe('twenty threads', () => {
	test('load it at once, use one limit and are terminated at once', async t => {
		const {board, threads} = open(t, 20);
		const name = newName();
		const limit = pLimit({name, concurrency: 3});
		await Promise.all(threads.map(thread => thread.run(useAll, name)));
		assert.equal(board.length, 20);
		const idle = limit.onIdle();
		await Promise.all(threads.map(thread => thread.terminate()));
		await idle;
		assert.equal(await limit(() => 'still here'), 'still here');
	});

	test('load it at once, use one limit and end by themselves', async t => {
		const {board, threads} = open(t, 20);
		const name = newName();
		const limit = pLimit({name, concurrency: 3});
		const settled = await Promise.all(
			threads.map(thread =>
				thread.run(async ({pLimit, board, turn}, name) => {
					const limit = pLimit({name, concurrency: 3});
					const items = await limit.map(Array.from({length: 50}).keys(), async item => {
						await board.during(turn);
						return item;
					});
					setImmediate(() => process.exit());
					return items.length;
				}, name),
			),
		);
		assert.deepEqual(settled, Array(20).fill(50));
		await Promise.all(threads.map(({exited}) => exited));
		assert.equal(board.most, 3);
		assert.equal(limit.stats().online.settled, 1_000);
	});
});

describe('the process', () => {
	test('ends with an idle limit, in the main thread and in others', () => {
		assert.equal(
			run(`
				const {Worker} = require('node:worker_threads');
				const limit = pLimit({name: 'a', concurrency: 2});
				await limit.map([1, 2, 3], async x => x);
				await new Promise(resolve => {
					new Worker("require('p-lanes')({name: 'a'})(() => {})", {eval: true}).on('exit', resolve);
				});
				console.log('end');`),
			'end',
		);
	});

	test('goes on while its calls wait for the slot of another thread', () => {
		assert.equal(
			run(`
				const {Worker} = require('node:worker_threads');
				const worker = new Worker(
					"require('p-lanes')({name: 'a', concurrency: 1})(() => new Promise(resolve => setTimeout(resolve, 50))); require('node:worker_threads').parentPort.postMessage(1)",
					{eval: true},
				);
				await new Promise(resolve => worker.once('message', resolve));
				worker.unref();
				pLimit({name: 'a'})(() => console.log('ran'));`),
			'ran',
		);
	});

	test('ends by process.exit with everything under way', () => {
		assert.equal(
			run(`
				const {Worker} = require('node:worker_threads');
				const limit = pLimit({name: 'a', concurrency: 2});
				const use = "limit.map(Array.from({length: 100000}), () => new Promise(setImmediate)); limit.onIdle();" +
					"const go = () => limit(() => {}).then(go); go(); limit.offline(() => new Promise(() => {}));";
				const workers = [1, 2, 3].map(() => new Worker(
					"const limit = require('p-lanes')({name: 'a'});" + use +
					"require('node:worker_threads').parentPort.postMessage(1)", {eval: true}));
				await Promise.all(workers.map(worker => new Promise(resolve => worker.once('message', resolve))));
				(0, eval)('limit => {' + use + '}')(limit);
				for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
				process.stdout.write('exits', () => process.exit());`),
			'exits',
		);
	});
});
