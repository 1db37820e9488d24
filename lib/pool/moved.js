'use strict';

// `move(value)`: a value that is handed over to the other thread instead of copied.

const {invalid} = require('../errors.js');

class Moved {
	constructor(value, transferList) {
		this.value = value;
		this.transferList = transferList;
	}
}

/**
 * Marks a task or a result as handed over: its memory moves, and is gone here. For what can be
 * transferred: an `ArrayBuffer`, a view of one, a `MessagePort`, a stream...
 */
const move = value => {
	if (typeof value !== 'object' || value === null) {
		throw invalid('value', 'an object that can be transferred', value);
	}

	return new Moved(value, [ArrayBuffer.isView(value) ? value.buffer : value]);
};

module.exports = {Moved, move};
