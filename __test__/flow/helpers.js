'use strict';

const assert = require('node:assert/strict');
const {getEventListeners} = require('node:events');
const {setImmediate: tick} = require('node:timers/promises');
const pLimit = require('p-lanes');

/** A promise and what settles it. */
const deferred = () => {
	const own = {};
	own.promise = new Promise((resolve, reject) => {
		own.resolve = resolve;
		own.reject = reject;
	});
	return own;
};

/** A limit of one slot, and what ends the task that holds it. */
const busy = (options = {}) => {
	const limit = pLimit({concurrency: 1, ...options});
	const {promise, resolve} = deferred();
	limit(() => promise);
	return {limit, free: resolve};
};

/** A limit of one slot whose first task runs already. */
const running = async options => {
	const {limit, free} = busy(options);
	await tick();
	return {limit, free};
};

/** Goes on for so many turns of the event loop: all that needs no timer has happened then. */
const turns = async (number = 10) => {
	for (let turn = 0; turn < number; turn++) {
		await tick();
	}
};

/** What a promise has come to: its value, `{rejected}`, or 'pending' if it needs more than some turns. */
const outcomeOf = promise =>
	Promise.race([
		promise.then(
			value => value,
			error => ({rejected: typeof error?.code === 'string' ? error.code : (error?.name ?? error)}),
		),
		turns().then(() => 'pending'),
	]);

/** A source of so many numbers, from 0 on, that counts. */
const counted = (size = Number.POSITIVE_INFINITY) => {
	const source = {pulled: 0, returned: 0};
	const iterator = {
		next: () => (source.pulled < size ? {done: false, value: source.pulled++} : {done: true, value: undefined}),
		return: () => {
			source.returned++;
			return {done: true, value: undefined};
		},
	};
	source[Symbol.iterator] = () => iterator;
	return source;
};

const idle = limit => assert.deepEqual([limit.activeCount, limit.pendingCount], [0, 0]);

const listeners = ({signal}) => getEventListeners(signal, 'abort').length;

/** A promise that may reject before it is looked at. */
const later = promise => {
	promise.catch(() => {});
	return promise;
};

/** By name: makes a call in a lane, and returns a promise of its outcome. */
const waysToCall = {
	call: (lane, fn) => lane(fn),
	run: (lane, fn) => lane.run(fn),
	map: (lane, fn) => lane.map([1], fn),
	once: (lane, fn) => lane.once('key', fn),
	stream: (lane, fn) => lane.stream([1], fn).next(),
};

/** An async iterable of items. */
const asyncOf = async function* (items) {
	yield* items;
};

/** Returns all results of a stream. */
const collect = async stream => {
	const results = [];
	for await (const result of stream) {
		results.push(result);
	}

	return results;
};

module.exports = {
	asyncOf,
	busy,
	collect,
	counted,
	deferred,
	idle,
	later,
	listeners,
	outcomeOf,
	running,
	turns,
	waysToCall,
};
