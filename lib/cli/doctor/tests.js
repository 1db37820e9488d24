'use strict';

// What the doctor tries. A test returns what it has seen, or throws; `advice` is what to do then.

const assert = require('node:assert/strict');
const path = require('node:path');
const {threadId} = require('node:worker_threads');
const {now, setImmediate} = require('../../common/environment.js');

const load = () => require('../../../index.js');

const turn = () =>
	new Promise(resolve => {
		setImmediate(resolve);
	});

const REINSTALL =
	'The binary does not do what it should. Install the package anew, without a cache; if that does not help, report it with the output of `p-lanes doctor --json`.';

const binary = {
	name: 'binary',
	// The error of a missing binary has its own advice.
	advice: undefined,
	loads: true,
	run() {
		load();
		const {kind} = require('../../binding/binding.js');
		return kind === 'addon' ? 'the addon was loaded' : 'WebAssembly was loaded in place of the addon';
	},
};

const limit = {
	name: 'limit',
	advice: REINSTALL,
	async run() {
		const pLimit = load();
		const [calls, concurrency] = [100, 8];
		const begun = [];
		let [running, most] = [0, 0];
		const results = await pLimit(concurrency).map(Array.from({length: calls}).keys(), async item => {
			begun.push(item);
			running++;
			most = Math.max(most, running);
			await turn();
			running--;
			return 2 * item;
		});
		assert.equal(most, concurrency, `${most} calls ran at once at a concurrency of ${concurrency}`);
		assert.ok(
			begun.every((item, index) => item === index),
			'calls began in another order than they were made in',
		);
		assert.ok(
			results.every((result, index) => result === 2 * index),
			'a result is not that of its call',
		);
		return `${calls} calls in order, ${most} at once`;
	},
};

const lanes = {
	name: 'lanes',
	advice: REINSTALL,
	async run() {
		const limit = load()({concurrency: 2, reserve: 1});
		const order = [];
		const note = name => async () => {
			order.push(name);
			await turn();
		};
		const offline = Array.from({length: 10}, () => limit.offline(note('offline')));
		const online = limit.online(note('online'));
		await Promise.all([...offline, online]);
		assert.equal(order.length, 11, `${order.length} of 11 calls have run`);
		const place = order.indexOf('online');
		assert.ok(place <= 1, `an online call began after ${place} offline calls, with a slot kept free for it`);
		return `an online call passed ${offline.length - place} offline calls that waited`;
	},
};

const rate = {
	name: 'rate',
	advice: `${REINSTALL} A clock that jumps, on a virtual machine that was asleep for instance, can be the reason as well.`,
	async run() {
		const [calls, interval] = [6, 20];
		const limit = load()({concurrency: calls, rate: {limit: 1, interval}});
		const begin = now();
		await limit.map(Array.from({length: calls}).keys(), async () => {});
		const took = now() - begin;
		const least = (calls - 1) * interval;
		assert.ok(took > 0.9 * least, `${calls} calls at one in ${interval} ms took ${took.toFixed(0)} ms`);
		return `${calls} calls at one in ${interval} ms took ${took.toFixed(0)} ms`;
	},
};

const kernel = {
	name: 'kernel',
	advice: `${REINSTALL} If threads can't be started, raise the limit of processes (\`ulimit -u\`, or \`pids\` of the container).`,
	async run() {
		const {hash, compress, decompress} = load();
		const digest = await hash('sha256', 'abc', {encoding: 'hex'});
		const expected = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
		assert.equal(digest, expected, `sha256 of 'abc' is ${digest} in place of ${expected}`);
		const text = 'p-lanes '.repeat(1000);
		const small = await compress('zstd', text);
		const again = await decompress('zstd', small);
		assert.equal(again.toString(), text, 'what was compressed is not what came back');
		return `sha256 is right; ${text.length} bytes to ${small.length} and back by zstd`;
	},
};

const pool = {
	name: 'pool',
	advice:
		'Worker threads do not work here. Look at NODE_OPTIONS (`--no-addons`, loaders), at the memory that the container allows, and at its limit of processes (`ulimit -u`, `pids`). Limits, lanes and rates work without a pool.',
	async run() {
		const {Pool} = load();
		const pool = new Pool({filename: path.join(__dirname, 'work.js'), maxThreads: 2});
		try {
			const answers = await pool.map([1, 2, 3, 4]);
			assert.ok(
				answers.every(({square}, index) => square === (index + 1) ** 2),
				'a result is not that of its job',
			);
			assert.ok(
				answers.every(({thread}) => thread !== threadId),
				'a job ran in the main thread',
			);
			return `${answers.length} jobs ran in worker threads`;
		} finally {
			await pool.destroy();
		}
	},
};

module.exports = {tests: [binary, limit, lanes, rate, kernel, pool]};
