'use strict';

// `move(value)`: transfers a value to the other thread instead of copying it.

const {invalid} = require('../common/errors.js');

/** Under this symbol, a moved value tells every copy of the package what to send and what to transfer. */
const moved = Symbol.for('p-lanes.moved');

/** Piscina's own protocol for the same: what to transfer, and what to send. */
const transferable = Symbol.for('Piscina.transferable');
const sentValue = Symbol.for('Piscina.valueOf');

class Moved {
	constructor(value) {
		this[moved] = {value};
	}
}

/**
 * Marks a value for transfer, as a task, a result or a part of one. Everything in it that can be transferred is: its
 * memory moves, and is gone here. The rest of the value is copied.
 */
const move = value => {
	if (typeof value !== 'object' || value === null) {
		throw invalid('value', 'an object that can be transferred', value);
	}

	return new Moved(value);
};

/** Returns whether an object that is no `Moved` may be marked, without reading it. */
const isMarked = object => transferable in object;

/**
 * Returns `{value, transferList}` if an object is marked for transfer, by `move()` or by Piscina's protocol. Without a
 * list, all that is in the value is meant.
 */
const readMoved = object => {
	const own = object[moved];
	if (typeof own === 'object' && own !== null) {
		return own;
	}

	if (!(transferable in object && sentValue in object)) {
		return undefined;
	}

	const given = object[transferable];
	return {value: object[sentValue], transferList: Array.isArray(given) ? [...given] : [given]};
};

module.exports = {isMarked, move, readMoved};
