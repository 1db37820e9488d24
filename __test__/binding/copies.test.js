'use strict';

// Two copies of the package in one process, each with its own addon: one name is one limit, also over threads.

const assert = require('node:assert/strict');
const {rmSync} = require('node:fs');
const path = require('node:path');
const {after, describe, test} = require('node:test');
const {installBinary, installPackage, newFolder, otherBuild, runIn} = require('./installed.js');

const folder = newFolder();
const [a, b, other] = ['a', 'b', 'other'].map(name => path.join(folder, name));
const copies = Object.fromEntries([a, b, other].map(place => [path.basename(place), installPackage(place)]));
installBinary(a);
installBinary(b);
installBinary(other, {bytes: otherBuild()});

after(() => {
	rmSync(folder, {recursive: true});
});

/** In a script: `hold(copy)` takes the only slot of the limit 'shared', and `waits(copy)` says whether it is taken. */
const TOOLS = `
	const copies = ${JSON.stringify(copies)};
	const {Worker, isMainThread, parentPort, workerData} = require('node:worker_threads');
	const {once} = require('node:events');
	const open = copy => require(copies[copy])({name: 'shared', concurrency: 1});
	const hold = async copy => {
		const limit = open(copy);
		await new Promise(begun => {
			limit(() => { begun(); return new Promise(() => { setInterval(() => {}, 1000); }); });
		});
	};
	const waits = async copy => {
		const limit = open(copy);
		const run = limit.with({queueTimeout: 100})(() => false);
		return run.catch(error => error.code === 'ERR_QUEUE_TIMEOUT');
	};
`;

const run = (script, options) => {
	const {stdout, stderr, status} = runIn(folder, `${TOOLS} (async () => { ${script} })();`, options);
	assert.equal(status, 0, stderr);
	return {printed: stdout, warned: stderr};
};

/** In a script: does a step in a worker, and keeps the worker. */
const IN_WORKER = `
	const inWorker = async (step, copy) => {
		const worker = new Worker(${JSON.stringify(TOOLS)} + step + "('" + copy + "').then(answer => parentPort.postMessage(answer === true))", {eval: true});
		const [answer] = await once(worker, 'message');
		return answer;
	};
`;

const addonsOf = `Object.keys(require.cache).filter(name => name.endsWith('.node')).length`;

describe('two copies of one build', () => {
	test('share a limit by its name', () => {
		const {printed, warned} = run(`await hold('a'); console.log(await waits('b')); process.exit();`);
		assert.equal(printed, 'true');
		assert.equal(warned, '');
	});

	test('share it over threads, whichever thread loads which copy first', () => {
		for (const script of [
			`await hold('a'); console.log(await inWorker('waits', 'b')); process.exit();`,
			`await inWorker('hold', 'b'); console.log(await waits('a')); process.exit();`,
			`await inWorker('hold', 'b'); console.log(await inWorker('waits', 'a')); process.exit();`,
		]) {
			const {printed, warned} = run(IN_WORKER + script);
			assert.equal(printed, 'true', script);
			assert.equal(warned, '');
		}
	});

	test('share it when threads load them at the same moment', () => {
		const {printed} = run(`${IN_WORKER}
			const workers = ['a', 'b', 'b', 'a'].map(copy => new Worker(
				${JSON.stringify(TOOLS)} + "open('" + copy + "'); parentPort.on('message', () => waits('" + copy + "').then(answer => parentPort.postMessage(answer))); parentPort.postMessage('ready')",
				{eval: true},
			));
			await Promise.all(workers.map(worker => once(worker, 'message')));
			await hold('a');
			const answers = await Promise.all(workers.map(worker => {
				worker.postMessage('go');
				return once(worker, 'message');
			}));
			console.log(answers.flat().join());
			process.exit();
		`);
		assert.equal(printed, 'true,true,true,true');
	});

	test('have the same errors', () => {
		const {printed} = run(`
			const [first, second] = [require(copies.a), require(copies.b)];
			try { first({concurrency: 1, reserve: -1}); } catch (error) { console.log(error instanceof second.InvalidArgError, first === second); }`);
		assert.equal(printed, 'true false');
	});
});

describe('two copies of different builds', () => {
	test('warn once in a process when a limit has a name, and have a limit each', () => {
		const {printed, warned} = run(`${IN_WORKER}
			await hold('a');
			console.log(await waits('other'), await waits('other'), await inWorker('waits', 'other'));
			await new Promise(setImmediate);
			process.exit();`);
		assert.equal(printed, 'false false false');
		assert.equal(warned.match(/P_LANES_VERSIONS/g)?.length, 1, warned);
		assert.match(warned, /'shared'/);
	});

	test('do not warn while no limit has a name', () => {
		const {printed, warned} = run(`
			console.log(await require(copies.a)(1)(() => 1), await require(copies.other)(1)(() => 2), ${addonsOf});`);
		assert.equal(printed, '1 2 2');
		assert.equal(warned, '');
	});
});
