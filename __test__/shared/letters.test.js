'use strict';

// How an environment is told which of its ends have letters, at the port itself: two ends of one limit in one thread.

const assert = require('node:assert/strict');
const {test} = require('node:test');
const {Port} = require('../../binding.js');
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
	port.onLetters(() => {});
	return {port, call};
};

const lettersOf = (call, gate) => {
	let letters = 0;
	while (call('letter', gate) !== NOBODY) {
		letters++;
	}

	return letters;
};

test('an end is named once, however often its letters come and are read before anybody asks', () => {
	const {port, call} = openPort();
	const options = {concurrency: 1};
	const name = newName();
	const mine = port.createEnd(name, options);
	const [first, second] = [port.createEnd(name, options), port.createEnd(name, options)];
	const change = () => call('fulfil', mine, call('enqueue', mine, ONLINE));
	for (const gate of [second, first]) {
		port.watch(gate, true);
		for (let times = 0; times < 100; times++) {
			change();
			assert.ok(lettersOf(call, gate) > 0);
		}
	}

	const told = [];
	for (let gate = call('gateWithLetters'); gate >= 0; gate = call('gateWithLetters')) {
		told.push(gate);
	}

	assert.deepEqual(told, [second, first]);
	change();
	assert.equal(lettersOf(call, first), 1);
	assert.notEqual(call('gateWithLetters'), NOBODY, 'and again after that');
});
