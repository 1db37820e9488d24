'use strict';

const assert = require('node:assert/strict');
const {execFileSync, spawnSync} = require('node:child_process');
const {mkdtempSync, rmSync, writeFileSync} = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const process = require('node:process');
const {after, describe, test} = require('node:test');
const {hash} = require('p-lanes');

const root = path.join(__dirname, '../..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-'));
const regular = path.join(folder, 'regular');
writeFileSync(regular, 'abc');

after(() => {
	rmSync(folder, {recursive: true});
});

const skip = process.platform === 'win32';

const pipe = () => {
	const name = path.join(folder, `pipe-${Math.random()}`);
	execFileSync('mkfifo', [name]);
	return name;
};

describe('files that are no regular files', () => {
	test('are an error of that entry, and the others are hashed', {skip}, async () => {
		const special = ['/dev/zero', pipe()];
		const entries = await hash.files('crc32', [...special, regular], {encoding: 'hex'});
		for (const [index, file] of special.entries()) {
			assert.ok(entries[index] instanceof Error);
			assert.equal(entries[index].code, 'ERR_NOT_A_REGULAR_FILE');
			assert.ok(entries[index].message.includes(file));
		}

		assert.equal(entries[2], '352441c2');
	});

	test('keep no thread, and no process, of a call that is aborted', {skip}, () => {
		const script = `
			const {hash} = require(${JSON.stringify(root)});
			const controller = new AbortController();
			hash.files('sha256', [${JSON.stringify(pipe())}, '/dev/zero'], {signal: controller.signal}).then(
				entries => console.log(entries.map(({code}) => code).join()),
				error => console.log(error.name),
			);
		`;
		const {stdout, status} = spawnSync(process.execPath, ['-e', script], {encoding: 'utf8', timeout: 60_000});
		assert.equal(status, 0);
		assert.equal(stdout.trim(), 'ERR_NOT_A_REGULAR_FILE,ERR_NOT_A_REGULAR_FILE');
	});
});

describe('an aborted call', () => {
	test('does not keep the process, however much is left to do', () => {
		const script = `
			const {hash} = require(${JSON.stringify(root)});
			const controller = new AbortController();
			const data = Buffer.alloc(1 << 20);
			hash.map('sha256', Array.from({length: 200}, () => data), {signal: controller.signal}).catch(error => {
				console.log(error.name);
			});
			hash('crc32', 'abc', {encoding: 'hex'}).then(console.log);
			controller.abort();
		`;
		const {stdout, status} = spawnSync(process.execPath, ['-e', script], {encoding: 'utf8', timeout: 60_000});
		assert.equal(status, 0);
		assert.deepEqual(stdout.trim().split('\n').sort(), ['352441c2', 'AbortError']);
	});
});

describe("Node's permission model", () => {
	const flag = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';

	test('decides which files are read', {skip}, () => {
		const secret = path.join(folder, 'secret');
		writeFileSync(secret, 'abc');
		const script = path.join(folder, 'permission.js');
		writeFileSync(
			script,
			`
			const {hash} = require(${JSON.stringify(root)});
			hash.files('crc32', ${JSON.stringify([secret, regular])}, {encoding: 'hex'}).then(([denied, digest]) => {
				console.log(denied.code, denied.permission, denied.resource === ${JSON.stringify(secret)}, digest);
			});
			`,
		);
		const allowed = [root, script, regular].map(name => `--allow-fs-read=${name}${name === root ? '/*' : ''}`);
		const {stdout, stderr} = spawnSync(process.execPath, [flag, '--allow-addons', ...allowed, script], {
			encoding: 'utf8',
		});
		assert.equal(stdout.trim(), 'ERR_ACCESS_DENIED FileSystemRead true 352441c2', stderr);
	});
});

describe('memory that is taken while a list is read', () => {
	const takes = [
		['transferred', data => structuredClone(data.buffer, {transfer: [data.buffer]})],
		['shrunk', data => data.buffer.resize(0)],
	];

	for (const [name, take] of takes) {
		test(`is refused with its place: ${name}`, async () => {
			const data = new Uint8Array(new ArrayBuffer(8, {maxByteLength: 8}), 4, 4);
			const list = function* () {
				yield 'abc';
				yield data;
				take(data);
			};
			await assert.rejects(hash.map('sha1', list()), {code: 'ERR_INVALID_ARG', message: /^`list\[1\]` must be/});
		});
	}

	test('out of bounds from the start', async () => {
		const memory = new ArrayBuffer(8, {maxByteLength: 8});
		const views = [new Uint8Array(memory, 4, 4), new DataView(memory, 4, 4), new Float64Array(memory, 0, 1)];
		memory.resize(2);
		for (const view of views) {
			await assert.rejects(hash('sha1', view), {code: 'ERR_INVALID_ARG', message: /^`data` must be/});
		}
	});
});
