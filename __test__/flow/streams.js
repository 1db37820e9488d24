'use strict';

// What tests read from streams.

const {setImmediate: tick} = require('node:timers/promises');
const {outcomeOf} = require('./helpers.js');

const item = value => ({done: false, value});
const over = {done: true, value: undefined};

/** What each of so many `next` comes to, asked for one after the other. */
const take = async (stream, number) => {
	const taken = [];
	for (let i = 0; i < number; i++) {
		taken.push(await outcomeOf(stream.next()));
	}

	return taken;
};

const slowly = async x => {
	await tick();
	return x;
};

module.exports = {item, over, slowly, take};
