'use strict';

// A limit on a clock that a test moves on.

const {Clock} = require('./clock.js');

const clock = new Clock().install();

const pLimit = require('p-lanes');
const {turns} = require('./flow/helpers.js');

/** Time goes on by so many milliseconds. */
const pass = (_limit, duration) => clock.pass(duration);

/** The same while the event loop is busy: no timer of this thread fires until the time has passed. */
const passBusy = async (_limit, duration) => {
	await turns(1); // what has its slot begins before
	clock.now += duration;
	await clock.pass(0);
};

module.exports = {clock, pLimit, pass, passBusy, passPaused: pass};
