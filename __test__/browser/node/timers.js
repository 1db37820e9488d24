'use strict';

// In place of `node:timers` and `node:timers/promises`, in a page.

const {clearInterval, clearTimeout, setInterval, setTimeout} = globalThis;

// Not the package's own: a spec may replace timers before it loads the package.
const setImmediate = (fn, ...args) => {
	const {port1, port2} = new MessageChannel();
	port1.onmessage = () => {
		port1.close();
		fn(...args);
	};
	port2.postMessage(undefined);
};

module.exports = {
	clearInterval,
	clearTimeout,
	setImmediate,
	setInterval,
	setTimeout,
	promises: {
		setImmediate: value => new Promise(resolve => setImmediate(() => resolve(value))),
		setTimeout: (duration, value) => new Promise(resolve => setTimeout(resolve, duration, value)),
	},
};
