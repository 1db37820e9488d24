'use strict';

const {setTimeout: sleep} = require('node:timers/promises');

module.exports = async (task, {signal}) => {
	if (task.exits) {
		process.exit(1);
	}

	if (task.throws) {
		throw new Error('planned');
	}

	if (task.waits) {
		await sleep(60_000, undefined, {signal});
	}

	return task;
};
