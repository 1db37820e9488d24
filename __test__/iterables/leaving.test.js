'use strict';

// A loop over a stream that is left waits for the source, as a loop over a generator does: what comes behind the loop
// finds no `next()` in flight, and `return()` done.

const assert = require('node:assert/strict');
const {EventEmitter, getEventListeners, on} = require('node:events');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {Pool} = require('p-lanes');
const {deferred, outcomeOf, turns} = require('../flow/helpers.js');

const functionUrl = `data:text/javascript,${encodeURIComponent(
	"export default x => { if (x === 'fail') throw new Error('failed'); return x; }",
)}`;

const map = x => {
	if (x === 'fail') {
		throw new Error('failed');
	}

	return x;
};

/** By name: makes a stream of a source. */
const streams = {
	'limit.stream': (_, source, options) => pLimit(2).stream(source, map, options),
	'limit.stream with an option for each item': (_, source, options) =>
		pLimit(2).with({timeout: 1e6}).stream(source, map, options),
	'pool.stream': (t, source, options) => {
		const pool = new Pool({filename: functionUrl, maxThreads: 1});
		t.after(() => pool.destroy());
		return pool.stream(source, {highWaterMark: 5, ...options});
	},
	'pool.stream with a limit': (t, source, options) => {
		const pool = new Pool({filename: functionUrl, maxThreads: 1});
		t.after(() => pool.destroy());
		return pool.stream(source, {highWaterMark: 5, ...options, limit: pLimit(2)});
	},
};

/** A cursor that gives these items, and then waits in `next()`. It logs when a read or its close has ended. */
class Cursor {
	log = [];
	/** Ends the read that waits. */
	read = deferred();
	/** Ends the close. */
	closing = deferred();
	#items;

	constructor(...items) {
		this.#items = items;
		this.closing.promise.catch(() => {}); // a spec may fail it before it is awaited
	}

	async #next() {
		if (this.#items.length > 0) {
			return {done: false, value: this.#items.shift()};
		}

		this.log.push('reads');
		try {
			return await this.read.promise;
		} finally {
			this.log.push('read');
		}
	}

	async #close() {
		this.log.push('closes');
		await this.closing.promise;
		this.log.push('closed');
		return {done: true, value: undefined};
	}

	/** As a generator, which queues `return()` behind the read. */
	async *generator() {
		try {
			for (let result = await this.#next(); !result.done; result = await this.#next()) {
				yield result.value;
			}
		} finally {
			await this.#close();
		}
	}

	/** By hand: `return()` does not wait for the read. */
	iterator() {
		return {
			[Symbol.asyncIterator]() {
				return this;
			},
			next: () => this.#next(),
			return: () => this.#close(),
		};
	}
}

const kinds = ['generator', 'iterator'];

/** Ends the read and the close one after another. The promise has to wait for both. */
const assertWaits = async (promise, cursor) => {
	assert.equal(await outcomeOf(promise), 'pending');
	cursor.closing.resolve();
	assert.equal(await outcomeOf(promise), 'pending', 'the read goes on');
	cursor.read.resolve({done: false, value: 'late'});
	const outcome = await promise.then(
		value => ({value}),
		error => ({error}),
	);
	assert.ok(cursor.log.includes('read') && cursor.log.includes('closed'), String(cursor.log));
	assert.equal(cursor.log.filter(word => word === 'closes').length, 1);
	return outcome;
};

/** Reads the first item, and waits until the source is asked for more than it has. */
const begin = async (stream, cursor) => {
	const first = await stream.next();
	while (!cursor.log.includes('reads')) {
		await turns(1);
	}

	return first;
};

for (const [way, streamOf] of Object.entries(streams)) {
	describe(`${way} waits for its source`, () => {
		for (const kind of kinds) {
			test(`a loop that is left by break, ${kind}`, async t => {
				const cursor = new Cursor(1);
				const stream = streamOf(t, cursor[kind]());
				const loop = (async () => {
					for await (const result of stream) {
						while (!cursor.log.includes('reads')) {
							await turns(1);
						}

						return result;
					}
				})();
				assert.deepEqual(await assertWaits(loop, cursor), {value: 1});
				assert.deepEqual(await stream.next(), {done: true, value: undefined});
			});

			test(`a loop that throws, ${kind}: its own error counts`, async t => {
				const cursor = new Cursor(1);
				const stream = streamOf(t, cursor[kind]());
				const loop = (async () => {
					for await (const _ of stream) {
						while (!cursor.log.includes('reads')) {
							await turns(1);
						}

						throw new RangeError('mine');
					}
				})();
				assert.deepEqual(await assertWaits(loop, cursor), {error: new RangeError('mine')});
			});

			test(`return and throw, ${kind}`, async t => {
				for (const [leave, expected] of [
					[stream => stream.return('left'), {value: {done: true, value: 'left'}}],
					[stream => stream.throw(new RangeError('mine')), {error: new RangeError('mine')}],
				]) {
					const cursor = new Cursor(1);
					const stream = streamOf(t, cursor[kind]());
					assert.equal((await begin(stream, cursor)).value, 1);
					assert.deepEqual(await assertWaits(leave(stream), cursor), expected);
				}
			});

			test(`an item that fails, ${kind}`, async t => {
				const cursor = new Cursor(1, 'fail');
				const stream = streamOf(t, cursor[kind]());
				assert.equal((await begin(stream, cursor)).value, 1);
				assert.deepEqual(await assertWaits(stream.next(), cursor), {error: new Error('failed')});
				assert.deepEqual(await stream.next(), {done: true, value: undefined});
			});

			test(`a signal that aborts ends the stream, and the wait, at once, ${kind}`, async t => {
				const reason = new Error('enough');
				for (const [items, leave, expected] of [
					[[1], stream => stream.next(), /enough/],
					[[1], stream => stream.return(), /enough/],
					[[1, 'fail'], stream => stream.next(), /failed|enough/], // a job may fail before the abort, or after
				]) {
					const controller = new AbortController();
					const cursor = new Cursor(...items);
					const stream = streamOf(t, cursor[kind](), {signal: controller.signal});
					assert.equal((await begin(stream, cursor)).value, 1);
					const left = leave(stream);
					assert.equal(await outcomeOf(left), 'pending');
					controller.abort(reason);
					await assert.rejects(left, expected);
					assert.ok(!cursor.log.includes('read'));
					assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
					// The source is closed all the same.
					cursor.read.resolve({done: true});
					cursor.closing.resolve();
					await turns();
					assert.ok(cursor.log.includes('closed') || kind === 'generator');
				}
			});

			test(`its signal has no listener when the source is closed, ${kind}`, async t => {
				const controller = new AbortController();
				const cursor = new Cursor(1);
				const stream = streamOf(t, cursor[kind](), {signal: controller.signal});
				await begin(stream, cursor);
				await assertWaits(stream.return(), cursor);
				await turns();
				assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
			});

			test(`a return() of the source that rejects is reported, unless another error is, ${kind}`, async t => {
				for (const [items, leave, expected] of [
					[[1], stream => stream.return(), {error: new Error('not closed')}],
					[[1], stream => stream.throw(new Error('mine')), {error: new Error('mine')}],
					[[1, 'fail'], stream => stream.next(), {error: new Error('failed')}],
				]) {
					const cursor = new Cursor(...items);
					const stream = streamOf(t, cursor[kind]());
					await begin(stream, cursor);
					const left = leave(stream);
					const outcome = left.then(
						value => ({value}),
						error => ({error}),
					);
					cursor.closing.reject(new Error('not closed'));
					assert.equal(await outcomeOf(outcome), 'pending', 'the read goes on');
					cursor.read.resolve({done: false, value: 'late'});
					assert.deepEqual(await outcome, expected);
					assert.deepEqual(await stream.return(), {done: true, value: undefined}, 'it was reported once');
				}
			});
		}

		test('a second return() waits, too', async t => {
			const cursor = new Cursor(1);
			const stream = streamOf(t, cursor.generator());
			await begin(stream, cursor);
			const both = Promise.all([stream.return(1), stream.return(2)]);
			const {value} = await assertWaits(both, cursor);
			assert.deepEqual(
				value.map(result => result.value),
				[1, 2],
			);
		});

		test('a read that fails is not reported when the stream was left', async t => {
			const cursor = new Cursor(1);
			const stream = streamOf(t, cursor.iterator());
			await begin(stream, cursor);
			cursor.closing.resolve();
			const left = stream.return();
			cursor.read.reject(new Error('too late'));
			assert.deepEqual(await left, {done: true, value: undefined});
		});

		test('a return() of the source ends a next() that waits for an event', async t => {
			const emitter = new EventEmitter();
			const stream = streamOf(t, {[Symbol.asyncIterator]: () => on(emitter, 'item')});
			const first = stream.next();
			await turns();
			emitter.emit('item', 1);
			assert.deepEqual((await first).value, [1]);
			await turns();
			assert.deepEqual(await stream.return(), {done: true, value: undefined});
			assert.equal(emitter.listenerCount('item'), 0);
		});

		test('a synchronous source is closed before the stream has ended', async t => {
			let isClosed = false;
			const source = (function* () {
				try {
					yield* Array.from({length: 100}, (_, index) => index);
				} finally {
					isClosed = true;
				}
			})();
			for await (const _ of streamOf(t, source)) {
				break;
			}

			assert.ok(isClosed);
		});

		test('a source without return() is waited for, too', async t => {
			const read = deferred();
			let reads = 0;
			const source = {
				[Symbol.asyncIterator]: () => ({
					next: () => (reads++ === 0 ? Promise.resolve({done: false, value: 1}) : read.promise),
				}),
			};
			const stream = streamOf(t, source);
			await stream.next();
			while (reads < 2) {
				await turns(1);
			}

			const left = stream.return();
			assert.equal(await outcomeOf(left), 'pending');
			read.resolve({done: true});
			assert.deepEqual(await left, {done: true, value: undefined});
		});
	});
}

describe('a transform', () => {
	test('that is destroyed while it waits for a write is closed at once', async () => {
		for (const reason of [undefined, new Error('mine')]) {
			const transform = pLimit(2).transform(x => x);
			const closed = new Promise(resolve => {
				transform.on('close', resolve);
			});
			const failed = [];
			transform.on('error', error => failed.push(error));
			transform.resume();
			transform.write(1);
			await turns();
			transform.destroy(reason);
			await closed;
			assert.deepEqual(failed, reason === undefined ? [] : [reason]);
		}
	});

	test('that fails while it waits for a write reports it at once', async () => {
		const transform = pLimit(2).transform(map);
		const failed = new Promise(resolve => {
			transform.on('error', resolve);
		});
		transform.resume();
		transform.write('fail');
		assert.equal((await failed).message, 'failed');
	});
});
