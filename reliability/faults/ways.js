'use strict';

// How a process can end in the middle of everything, and what its parent has to see then.

const pLimit = require('../../index.js');

/** Makes a call anew as long as another thread clears it. */
const untilItRuns = call => call().catch(() => untilItRuns(call));

/**
 * `exit` is the expected code or signal. `end` runs in the process; where there is `signal`, the parent sends it.
 * Only an end with `told` may write to standard error, and then that has to be in it.
 */
const WAYS = {
	exit: {exit: 7, end: () => process.exit(7)},
	'exit in a task': {exit: 7, end: ({load}) => untilItRuns(() => load.limits.plain(() => process.exit(7)))},
	'exit in a mapper': {
		exit: 7,
		end: ({load}) => untilItRuns(() => load.limits.plain.map([1, 2, 3], () => process.exit(7))),
	},
	'exit, and more calls while it exits': {
		exit: 7,
		end({load}) {
			process.on('exit', () => {
				for (let times = 0; times < 20; times++) {
					load.step();
				}
			});
			process.exit(7);
		},
	},
	'exit after a wait of the loop': {exit: 7, end: () => setImmediate(() => process.exit(7))},
	throw: {
		exit: 1,
		told: 'planned end',
		end() {
			throw new Error('planned end');
		},
	},
	'throw in a listener of a pool': {
		exit: 1,
		told: 'planned end',
		end({load}) {
			load.pool.on('workerCreate', () => {
				throw new Error('planned end');
			});
			load.pool.emit('workerCreate');
		},
	},
	'unhandled rejection of a task': {
		exit: 1,
		told: 'planned end',
		end() {
			// Of its own: a call of the others may be cleared before it runs.
			pLimit(1)(() => {
				throw new Error('planned end');
			});
		},
	},
	SIGTERM: {exit: 'SIGTERM', signal: 'SIGTERM'},
	SIGINT: {exit: 'SIGINT', signal: 'SIGINT'},
	SIGKILL: {exit: 'SIGKILL', signal: 'SIGKILL'},
	'SIGTERM that is handled by an exit': {
		exit: 7,
		signal: 'SIGTERM',
		prepare: () => process.on('SIGTERM', () => process.exit(7)),
	},
	'no more work': {
		exit: 0,
		end({counts}) {
			counts.end();
		},
	},
	'no more work, and the pool destroyed': {
		exit: 0,
		async end({counts, load}) {
			counts.end();
			await load.pool.destroy();
		},
	},
	'all threads terminated, and the pool closed': {
		exit: 0,
		async end({counts, load, workers}) {
			counts.end();
			await Promise.all([load.pool.close(), ...workers.map(worker => worker.terminate())]);
		},
	},
	'all threads terminated, and exit at once': {
		exit: 7,
		end({workers}) {
			for (const worker of workers) {
				worker.terminate();
			}

			process.exit(7);
		},
	},
	'exit while threads start': {exit: 7, isEarly: true, end: () => process.exit(7)},
	'exit before anything was awaited': {exit: 7, isFirst: true, end: () => process.exit(7)},
};

module.exports = {WAYS};
