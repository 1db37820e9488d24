'use strict';

// A limit on a clock that is set by hand. Load it before the package.

const {Clock} = require('./clock.js');

const clock = new Clock().install();

const pLimit = require('p-lanes');
const {turns} = require('./flow/helpers.js');

/**
 * Time goes on by so many milliseconds for a limit that is shared or has a rate. The timer's thread, which is off here,
 * would look then at what may start; to end a pause where there is none does, too.
 */
const pass = async (limit, duration) => {
	await turns(1); // what has its slot begins before
	await clock.pass(duration);
	limit.resume();
	await turns(2);
};

/** The same while the event loop is busy: no timer fires until the time has passed. */
const passBusy = async (limit, duration) => {
	await turns(1);
	clock.now += duration;
	limit.resume();
	await turns(2);
};

/** The same as `pass` while there is a pause, which is to go on: a call that never runs has it look. */
const passPaused = async (limit, duration) => {
	await turns(1);
	await clock.pass(duration);
	limit.pauseFor(0);
	await turns(2);
};

module.exports = {clock, pLimit, pass, passBusy, passPaused};
