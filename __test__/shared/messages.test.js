'use strict';

// How an environment learns which of its handles have messages. The test uses a port directly, and has three handles of
// one limit in one thread.

const assert = require('node:assert/strict');
const {test} = require('node:test');
const {Port} = require('../../lib/binding/binding.js');
const {newName} = require('./helpers.js');

const ONLINE = 0;
const NOBODY = -1;

const openPort = () => {
	const port = new Port();
	const hot = port.hotCalls();
	/** A hot call with its numbers; gives the first of its answer. */
	const call = (name, ...numbers) => {
		hot.ints.set(numbers);
		hot[name]();
		return hot.ints[0];
	};
	port.onMessages(() => {});
	return {port, call};
};

/** Takes all messages of a handle and gives how many there were. */
const takeMessages = (call, handle) => {
	let messages = 0;
	while (call('takeMessage', handle) !== NOBODY) {
		messages++;
	}

	return messages;
};

test('a handle is named once, however often messages came and were taken before anybody asks', () => {
	const {port, call} = openPort();
	const options = {concurrency: 1};
	const name = newName();
	const mine = port.createShared(name, options);
	const [first, second] = [port.createShared(name, options), port.createShared(name, options)];
	const change = () => call('fulfil', mine, call('enqueue', mine, ONLINE));
	for (const handle of [second, first]) {
		port.watch(handle, true);
		for (let times = 0; times < 100; times++) {
			change();
			assert.ok(takeMessages(call, handle) > 0);
		}
	}

	const told = [];
	for (let handle = call('gateWithMessages'); handle >= 0; handle = call('gateWithMessages')) {
		told.push(handle);
	}

	assert.deepEqual(told, [second, first]);
	change();
	assert.equal(takeMessages(call, first), 1);
	assert.notEqual(call('gateWithMessages'), NOBODY, 'and again after that');
});
