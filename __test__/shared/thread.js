'use strict';

// A worker thread that runs the functions which it is sent, with what `scope` has.

const {parentPort, workerData} = require('node:worker_threads');
const pLimit = require('../../index.js');
const {Board} = require('./board.js');

/** Queues a call that runs until `free` is called, and gives both its promise and its begin. */
const hold = limit => {
	const own = {hasBegun: false};
	own.ended = limit(
		() =>
			new Promise(resolve => {
				own.hasBegun = true;
				own.free = resolve;
			}),
	);
	return own;
};

const scope = {
	pLimit,
	hold,
	board: new Board(workerData),
	/** What stays from one function to the next. */
	own: {},
	turn: () => new Promise(setImmediate),
	collect: async () => {
		for (let times = 0; times < 5; times++) {
			globalThis.gc();
			await new Promise(setImmediate);
		}
	},
};

if (parentPort !== null) {
	parentPort.on('message', async ({id, source, args}) => {
		try {
			// biome-ignore lint/security/noGlobalEval: the tests send functions
			const value = await (0, eval)(`(${source})`)(scope, ...args);
			parentPort.postMessage({id, value});
		} catch ({name, code, message, stack}) {
			parentPort.postMessage({id, error: {name, code, message, stack}});
		}
	});
}

module.exports = {hold};
