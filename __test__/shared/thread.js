'use strict';

// A worker thread that runs the functions which it is sent, with what `scope` has.

const v8 = require('node:v8');
const vm = require('node:vm');
const {parentPort, workerData} = require('node:worker_threads');
const pLimit = require('p-lanes');
const {Board} = require('./board.js');

v8.setFlagsFromString('--expose-gc');
const gc = vm.runInNewContext('gc');

const collect = async () => {
	for (let times = 0; times < 5; times++) {
		gc();
		await new Promise(setImmediate);
	}
};

/** Queues a call that runs until `free` is called, and gives its promise and whether it has begun. */
const hold = limit => {
	const own = {hasBegun: false};
	const freed = new Promise(resolve => {
		own.free = resolve;
	});
	own.ended = limit(() => {
		own.hasBegun = true;
		return freed;
	});
	return own;
};

const scope = {
	pLimit,
	hold,
	board: new Board(workerData),
	/** What stays from one function to the next. */
	own: {},
	turn: () => new Promise(setImmediate),
	collect,
};

if (parentPort !== null) {
	parentPort.on('message', async ({id, source, args}) => {
		try {
			const value = await vm.runInThisContext(`(${source})`)(scope, ...args);
			parentPort.postMessage({id, value});
		} catch ({name, code, message, stack}) {
			parentPort.postMessage({id, error: {name, code, message, stack}});
		}
	});
}

module.exports = {collect, hold};
