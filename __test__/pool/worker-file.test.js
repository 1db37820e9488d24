'use strict';

// The file that threads run: the package's own, or that of a program which a bundler has put together.

const assert = require('node:assert/strict');
const {spawnSync} = require('node:child_process');
const {mkdirSync, mkdtempSync, rmSync, writeFileSync} = require('node:fs');
const {tmpdir} = require('node:os');
const path = require('node:path');
const {after, before, describe, test} = require('node:test');
const {pathToFileURL} = require('node:url');
const {buildSync} = require('esbuild');
const {Pool} = require('p-lanes');
const {open} = require('./helpers.js');

const root = path.join(__dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'p-lanes-worker-file-'));
const at = name => path.join(folder, name);

after(() => {
	rmSync(folder, {recursive: true});
});

const own = JSON.stringify(require.resolve('p-lanes/worker'));

describe('the option `worker`', () => {
	test('is a file that loads that of the package, and may have the functions', async t => {
		writeFileSync(at('work.cjs'), `require(${own}); module.exports = n => n * 2;`);
		const worker = at('work.cjs');
		for (const given of [worker, pathToFileURL(worker), pathToFileURL(worker).href]) {
			const pool = open(t, {worker: given, filename: worker, maxThreads: 1});
			assert.equal(await pool.run(21), 42);
			assert.equal(pool.options.worker, worker);
		}
	});

	test('must be a file that exists', () => {
		for (const worker of ['', 1, {}, 'node:path', 'https://host/worker.js']) {
			assert.throws(() => new Pool({worker}), {code: 'ERR_INVALID_ARG', message: /^`worker` must be /});
		}

		assert.throws(() => new Pool({worker: at('nothing.js')}), {
			code: 'ERR_INVALID_ARG',
			message: /^`worker` must be a file that exists: there is no .*nothing\.js$/,
		});
	});

	test('must load that of the package', async t => {
		writeFileSync(at('other.cjs'), 'setInterval(() => {}, 1e6);');
		const pool = open(t, {worker: at('other.cjs'), filename: at('work.cjs'), maxThreads: 1, startTimeout: 100});
		await assert.rejects(pool.run(1), {code: 'ERR_WORKER_CRASHED'});
	});
});

describe('p-lanes/worker', () => {
	test('is for threads of a pool alone', () => {
		const {status, stderr} = spawnSync(process.execPath, [require.resolve('p-lanes/worker')], {encoding: 'utf8'});
		assert.notEqual(status, 0);
		assert.match(stderr, /`p-lanes\/worker` is for worker threads, which a `Pool` starts/);
	});
});

describe('a program that a bundler has put together', () => {
	const {P_LANES_BINARY, NODE_OPTIONS, ...env} = process.env;
	const binary = P_LANES_BINARY ?? require('../../lib/binding/binding.js').file;

	const run = (name, cwd = folder) => {
		const {stdout, stderr} = spawnSync(process.execPath, [at(name)], {
			cwd,
			encoding: 'utf8',
			env: {...env, P_LANES_BINARY: binary},
		});
		return stdout + stderr;
	};

	const options = {bundle: true, platform: 'node', logLevel: 'error', absWorkingDir: root};

	before(() => {
		const program = `
			const {Pool} = require('./index.js');
			const path = require('node:path');
			const given = path.join(__dirname, 'bundled-worker.js');
			const main = async () => {
				try {
					new Pool();
				} catch (error) {
					console.log(error.code, error.message);
				}

				const pool = new Pool({worker: given, filename: given, maxThreads: 1});
				console.log(await pool.run(21));
				await pool.close();
			};
			main().catch(error => { console.log(error.message); });`;
		const worker = "require('./lib/pool/worker.js'); module.exports = n => n * 2;";
		const build = (contents, name) => {
			buildSync({...options, stdin: {contents, resolveDir: root}, outfile: at(name)});
		};
		build(program, 'bundled.js');
		build(worker, 'bundled-worker.js');
	});

	test('says that the option is needed, and runs with it', () => {
		const [refusal, result] = run('bundled.js').trim().split('\n');
		assert.match(refusal, /^ERR_INVALID_ARG `worker` must be given, .*p-lanes\/worker/);
		assert.equal(result, '42');
	});

	test('runs nothing of the folder that the process is in', () => {
		const own = at('elsewhere/node_modules/p-lanes');
		mkdirSync(own, {recursive: true});
		writeFileSync(path.join(own, 'package.json'), JSON.stringify({exports: {'./worker': './worker.js'}}));
		writeFileSync(path.join(own, 'worker.js'), "console.log('of the folder');");
		const [refusal, result] = run('bundled.js', at('elsewhere')).trim().split('\n');
		assert.match(refusal, /^ERR_INVALID_ARG `worker` must be given, /);
		assert.equal(result, '42');
	});
});
