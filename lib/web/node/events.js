'use strict';

// In place of `node:events`: listeners of signals, of which only Node warns when there are many.

const setMaxListeners = () => {};

/** Adds a listener of an abort in the way of every environment. */
const addAbortListener = (signal, listener) => {
	signal.addEventListener('abort', listener, {once: true});
};

module.exports = {addAbortListener, setMaxListeners};
