'use strict';

// What a limit gives back when nobody uses it any more and it was collected.

const {dropGate} = require('./native.js');

/** Drops the gate in Rust, by its handle. */
const gateFinalizer = new FinalizationRegistry(dropGate);

/** Stops the timer of a collected gate, which was kept for a next deadline. */
const deadlinesFinalizer = new FinalizationRegistry(deadlines => {
	deadlines.stop();
});

module.exports = {deadlinesFinalizer, gateFinalizer};
