'use strict';

// In place of `node:timers` and `node:timers/promises`, in a page.

const {setImmediate} = require('../../../lib/web/common/environment.js');

const {clearInterval, clearTimeout, setInterval, setTimeout} = globalThis;

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
