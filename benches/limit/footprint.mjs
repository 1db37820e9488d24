// What a limiter takes of a process: to be loaded, for each key, and after a long queue is gone.

import {execFileSync} from 'node:child_process';
import {setTimeout} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {bundle} from '../../scripts/bundle/bundle.mjs';
import {writeFaces} from '../../scripts/bundle/faces.mjs';
import {checkResults} from '../shared/checks.mjs';
import {memory} from '../shared/measure.mjs';
import {median} from '../shared/statistics.mjs';
import {CONCURRENCY, checkedCall, count, PER_TASK, runBursts, warmUp} from './calls.mjs';

const MIB = 'MiB';

/** A frame of its own, so that the caller keeps none of the results. */
const burst = async (call, tasks) => {
	checkResults(await runBursts(call, {tasks, bursts: 1})(), tasks);
};

const recovery = {
	title: ({tasks}) =>
		`Memory that comes back: resident after a burst of ${count(tasks)} on a limit that is kept ÷ before`,
	operation: 'call',
	about: 'Whether a server that had one burst gives the memory back.',
	metrics: [
		{key: 'ratio', title: 'after ÷ before', unit: 'x'},
		{key: 'again', title: 'after a second ÷ after the first', unit: 'x', inOverview: true},
		{key: 'before', title: 'before', unit: MIB},
		{key: 'after', title: 'after', unit: MIB},
	],
	rounds: 1,
	// V8 keeps the pages of young objects for some seconds.
	size: {tasks: 1_000_000, idle: 15_000},
	quick: {tasks: 5000, idle: 0},
	async run(peer, library, {tasks, idle}) {
		const call = await checkedCall(peer, library, CONCURRENCY);
		await warmUp(call);
		const {resident: before} = await memory();
		await burst(call, tasks);
		await setTimeout(idle);
		const {resident: after} = await memory();
		await burst(call, tasks);
		await setTimeout(idle);
		const {resident: second} = await memory();
		return {ratio: after / before, again: second / after, before, after};
	},
};

const keyed = {
	title: ({keys}) => `Keyed: the limit of each of ${count(keys)} new keys, and its first call`,
	operation: 'keyed',
	about: 'A limit for each host or each user, with many of them.',
	metrics: [
		{...PER_TASK, title: 'per key', unit: 'µs'},
		{key: 'resident', title: 'resident per key', unit: 'B', inOverview: true, isDrawn: true},
		{key: 'heap', title: 'heap per key', unit: 'B', inOverview: true},
	],
	rounds: 3,
	size: {keys: 100_000},
	quick: {keys: 1000},
	async run(peer, library, {keys}) {
		const callOf = peer.keyed(library, CONCURRENCY);
		const names = Array.from({length: keys}, (_, index) => `key ${index}`);
		const task = async index => index;
		const callAll = () => Promise.all(names.map((name, index) => callOf(name)(() => task(index))));
		const others = peer.keyed(library, CONCURRENCY);
		await Promise.all(Array.from({length: 1000}, (_, index) => others(index)(task)));

		const before = await memory();
		const start = performance.now();
		let results = await callAll();
		const time = ((performance.now() - start) * 1e6) / keys;
		checkResults(results, keys);
		results = undefined;
		const after = await memory();
		// The second calls find the limits of the first, so none of them has gone before it was measured.
		checkResults(await callAll(), keys);
		return {time, resident: (after.resident - before.resident) / keys, heap: (after.heap - before.heap) / keys};
	},
};

const loader = fileURLToPath(new URL('load.cjs', import.meta.url));

const inProcess = (...args) => JSON.parse(execFileSync(process.execPath, ['--expose-gc', loader, ...args]));

const load = {
	title: () => 'Loading: `require` of p-lanes, `import` of p-limit, above a process that loads neither',
	operation: 'entry',
	about: 'What a command-line tool pays before its first line runs.',
	metrics: [
		{...PER_TASK, title: 'time', unit: 'ms'},
		{key: 'resident', title: 'resident', unit: MIB, inOverview: true, isDrawn: true},
	],
	rounds: 5,
	size: {processes: 11},
	quick: {processes: 1},
	async run(peer, _library, {processes}) {
		const {how, module} = peer.entry();
		await bundle(); // what is published
		const samples = Array.from({length: processes}, () => ({bare: inProcess(), loaded: inProcess(how, module)}));
		writeFaces();
		const above = key => median(samples.map(({bare, loaded}) => loaded[key] - bare[key]));
		return {time: above('time') / 1e6, resident: above('resident')};
	},
};

export const footprint = {recovery, keyed, load};
