'use strict';

// The records of the errors in one value. They are read after all else in the value, and one error after the other: so
// a long chain of causes is no recursion.

const {readError} = require('./errors.js');
const {LEFT_OUT, define} = require('./properties.js');

const {hasOwn, keys} = Object;

/** An error in an error and so on is left out from here on. A getter could make them without an end. */
const MAX_ERROR_DEPTH = 10_000;

class ErrorRecords {
	/** The errors in the order in which they were met. */
	#pending = [];
	#depth = 0;

	/** Whether errors that are met now are still read. */
	get isDeep() {
		return this.#depth > MAX_ERROR_DEPTH;
	}

	/** Adds an error and its bare copy. `place` is where it is, and `prunes` is said of its cause. */
	add(source, copy, prunes, place) {
		const record = {error: copy, type: 'Error', own: {}, brand: undefined, hidden: {}};
		this.#pending.push({source, prunes, place, record, depth: this.#depth + 1});
	}

	/**
	 * Reads all records and returns them. A clone refuses a cause that can't be cloned, and does not look at any other
	 * property of an error. So causes come first, and then everything else, without what can't be sent. `copyProperty`
	 * may add errors.
	 */
	readAll(copyProperty) {
		const pending = this.#pending;
		let withCause = 0;
		for (let index = 0; index < pending.length; index++) {
			for (; withCause < pending.length; withCause++) {
				this.#readCause(pending[withCause], copyProperty);
			}

			this.#readExtras(pending[index], copyProperty);
		}

		return pending.map(({record}) => record);
	}

	#readCause({source, prunes, place, record, depth}, copyProperty) {
		this.#depth = depth;
		Object.assign(record, readError(source));
		const cause = hasOwn(source, 'cause') ? copyProperty(place, source, 'cause', prunes) : LEFT_OUT;
		if (cause !== LEFT_OUT) {
			record.hidden.cause = cause;
		}
	}

	#readExtras({source, place, record: {own, hidden, type}, depth}, copyProperty) {
		this.#depth = depth;
		const copyOf = key => copyProperty(place, source, key, true);
		const names = keys(source);
		for (const key of names) {
			// What the record has was read already. So was a cause that is not in it.
			const isRead = key === 'cause' || hasOwn(hidden, key);
			const item = isRead ? (hasOwn(hidden, key) ? hidden[key] : LEFT_OUT) : copyOf(key);
			if (item !== LEFT_OUT) {
				define(own, key, item);
			}
		}

		const others = type === 'DOMException' ? ['errors'] : ['errors', 'code'];
		for (const key of others.filter(key => !names.includes(key))) {
			const item = copyOf(key);
			if (Array.isArray(item) || typeof item === 'string' || typeof item === 'number') {
				hidden[key] = item;
			}
		}
	}
}

module.exports = {ErrorRecords};
