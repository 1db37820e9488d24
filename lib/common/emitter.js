'use strict';

// An event emitter whose listeners run in the async context in which they were added. An event often begins in a
// handle of Node, which has no caller.

const {EventEmitter} = require('node:events');
const {Context} = require('./context.js');

/** Returns a function that calls a listener in the context of now. `call` gets the function and calls the listener. */
const bind = (listener, call) => {
	if (typeof listener !== 'function') {
		return listener; // Node refuses it
	}

	const context = new Context();
	const bound = function (...args) {
		return context.run(call, bound, this, args);
	};
	bound.listener = listener; // so Node finds and shows the listener by its own function
	return bound;
};

const callListener = ({listener}, emitter, args) => Reflect.apply(listener, emitter, args);

/** Returns a listener that is removed before its first call. */
const bindOnce = (event, listener) =>
	bind(listener, (bound, emitter, args) => {
		emitter.removeListener(event, bound);
		return callListener(bound, emitter, args);
	});

class Emitter extends EventEmitter {
	on(event, listener) {
		return super.on(event, bind(listener, callListener));
	}

	addListener(event, listener) {
		return this.on(event, listener);
	}

	prependListener(event, listener) {
		return super.prependListener(event, bind(listener, callListener));
	}

	once(event, listener) {
		return super.on(event, bindOnce(event, listener));
	}

	prependOnceListener(event, listener) {
		return super.prependListener(event, bindOnce(event, listener));
	}
}

module.exports = {Emitter};
