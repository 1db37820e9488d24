'use strict';

// The end of the event loop, of the process or of a worker thread.

const process = require('node:process');
const {compileGlobally, setWeakImmediate} = require('./environment.js');

/**
 * Adds the one listener of `beforeExit`, for all copies of this module, and returns the set of what it calls, as weak
 * references.
 */
const listenersOf = compileGlobally(`(process, key) => {
	if (process[key] === undefined) {
		const refs = new Set();
		Object.defineProperty(process, key, {value: refs});
		process.on('beforeExit', () => {
			for (const ref of refs) {
				const listener = ref.deref();
				if (listener === undefined) {
					refs.delete(ref);
				} else {
					listener();
				}
			}
		});
	}

	return process[key];
}`);

const KEY = Symbol.for('p-lanes.beforeExit');

let isEnding = false;
let isListening = false;
let listener;

/**
 * Calls `warningOf` when the event loop has ended and the process exits, if `isAffected()` was true when the loop was
 * about to end. Emits the warning that it returns. `process.emitWarning` waits for a turn that does not come.
 */
const onLoopEnd = (isAffected, warningOf) => {
	const warn = () => {
		const warning = isEnding ? warningOf() : undefined;
		if (warning !== undefined) {
			process.emit('warning', warning);
		}
	};

	listener = () => {
		if (!isAffected()) {
			return;
		}

		isEnding = true;
		setWeakImmediate(() => {
			isEnding = false; // the loop goes on: a listener has added work
		});
		if (!isListening) {
			isListening = true;
			process.once('exit', warn);
		}
	};
	listenersOf(process, KEY).add(new WeakRef(listener));
};

module.exports = {onLoopEnd};
