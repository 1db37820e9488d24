'use strict';

// What the workers of a pool run.

const {setTimeout: sleep} = require('node:timers/promises');
const {Counts} = require('./counts.js');

let counts;

/** Runs a job in one of the ways that a job can go; no job may run twice. */
module.exports = async ({id, way, payload}, {signal}) => {
	const {workerData} = require('../../index.js');
	counts ??= new Counts(workerData.memory);
	if (counts.ran(id) !== 0) {
		counts.fault(0, `the job ${id} has run twice`);
	}

	switch (way) {
		case 'spin': {
			const end = performance.now() + 3;
			while (performance.now() < end);
			return id;
		}

		case 'wait':
			await sleep(2);
			return id;
		case 'throw':
			throw new Error('planned', {cause: payload});
		case 'signal':
			await sleep(60_000, undefined, {signal});
			return id;
		case 'echo':
			return {id, payload};
		case 'exit':
			return process.exit(3);
		default:
			return id;
	}
};
