'use strict';

module.exports = {
	'Fake timers': {
		// Node 20 calls the timers of node:test an experiment.
		before: "process.removeAllListeners('warning');",
	},

	'Find deadlocks (2)': {
		behind: `
			process.exitCode = 0;
			process.on('exit', () => { console.log(process.exitCode); process.exitCode = 0; });
			process.listeners('warning').at(-1)({code: 'P_LANES_STUCK'});`,
		expected: [1],
	},
};
