// The work of one path, in a process that valgrind runs.
//
// `os.uptime()` is the mark between the parts that are counted: it calls libuv's `uv_uptime`, which nothing else in Node does, and
// callgrind writes out its counts whenever that function is called.

import {uptime} from 'node:os';
import {setImmediate} from 'node:timers/promises';
import {manualClock} from '../../entries/testing.mjs';
import * as library from '../../index.mjs';
import {paths} from './paths.mjs';

// Limits time fewer of the events that follow each other quickly. Under valgrind none would be quick.
manualClock();

const {path, warmUp, parts, rounds} = JSON.parse(process.argv[2]);
const {operations, start} = paths[path];
const round = start({...library, pLimit: library.default}, operations);

const check = results => {
	for (let index = 0; index < operations; index++) {
		if (results[index] !== index) {
			throw new Error(`result ${index} of ${path} is ${results[index]}`);
		}
	}
};

const run = async times => {
	for (let time = 0; time < times; time++) {
		check(await round());
		// A turn of the event loop, for what is done when nothing else is: finalizers, among others.
		await setImmediate();
	}
};

await run(warmUp);
uptime();
for (let part = 0; part < parts; part++) {
	await run(rounds);
	uptime();
}

process.exit();
