'use strict';

const assert = require('node:assert/strict');
const {execFileSync} = require('node:child_process');
const {createHash} = require('node:crypto');
const diagnostics = require('node:diagnostics_channel');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const {describe, test} = require('node:test');
const {pathToFileURL} = require('node:url');
const fc = require('fast-check');
const {hash, InvalidArgError} = require('p-lanes');
const {kind} = require('../../lib/binding/binding.js');

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'p-lanes-kernels-'));
process.on('exit', () => {
	fs.rmSync(root, {recursive: true});
});

describe('hash', () => {
	// FIPS 180-4, the BLAKE3 test vectors, xxHash's sanity checks and the check value of CRC-32/ISO-HDLC.
	for (const [algorithm, data, expected] of [
		['sha1', 'abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
		['sha256', 'abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
		[
			'sha512',
			'abc',
			'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
		],
		['blake3', '', 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'],
		['xxh3-64', '', '2d06800538d394c2'],
		['xxh3-128', '', '99aa06d3014798d86001c324468d497f'],
		['crc32', '123456789', 'cbf43926'],
	]) {
		test(`${algorithm} of ${JSON.stringify(data)}`, async () => {
			assert.equal(await hash(algorithm, data, {encoding: 'hex'}), expected);
			assert.equal((await hash(algorithm, data)).toString('hex'), expected);
		});
	}

	for (const algorithm of ['sha1', 'sha256', 'sha512']) {
		test(`${algorithm} is node:crypto's, one by one and all at once`, async () => {
			await fc.assert(
				fc.asyncProperty(fc.array(fc.uint8Array({maxLength: 300})), async list => {
					const expected = list.map(data => createHash(algorithm).update(data).digest('base64'));
					assert.deepEqual(await hash.map(algorithm, list, {encoding: 'base64'}), expected);
					assert.deepEqual(await Promise.all(list.map(data => hash(algorithm, data, {encoding: 'base64'}))), expected);
				}),
				{numRuns: 50},
			);
		});
	}

	test('inputs of every kind', async () => {
		const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
		const shared = new SharedArrayBuffer(8);
		new Uint8Array(shared).set(bytes);
		const inputs = [
			bytes,
			Buffer.from(bytes),
			bytes.buffer,
			new Uint16Array(bytes.buffer),
			new DataView(bytes.buffer),
			shared,
			new Uint8Array(shared),
			new Uint8Array([0, ...bytes, 0]).subarray(1, 9),
			[...bytes].map(byte => String.fromCharCode(byte)).join(''),
		];
		const expected = createHash('sha256').update(bytes).digest('hex');
		assert.deepEqual(
			await hash.map('sha256', inputs, {encoding: 'hex'}),
			inputs.map(() => expected),
		);
		assert.equal(
			await hash('sha256', 'hé\u{1F600}', {encoding: 'base64url'}),
			createHash('sha256').update('hé\u{1F600}').digest('base64url'),
		);
	});

	test('strings of every length around the short ones', async () => {
		const list = [0, 1, 1019, 1020, 1023, 1024, 1025, 100_000].flatMap(length => [
			'a'.repeat(length),
			'€'.repeat(length),
		]);
		const expected = list.map(text => createHash('sha1').update(text).digest('hex'));
		assert.deepEqual(await hash.map('sha1', list, {encoding: 'hex'}), expected);
	});

	test('a list across many pieces keeps its order', async () => {
		const list = Array.from({length: 3000}, (_, index) => Buffer.alloc((index * 7919) % 5000, index));
		const expected = list.map(data => createHash('sha256').update(data).digest('hex'));
		assert.deepEqual(await hash.map('sha256', list, {encoding: 'hex', lane: 'offline'}), expected);
		assert.deepEqual(await hash.map('sha256', []), []);
	});

	test('bytes changed after the call do not show', async () => {
		const data = Buffer.alloc(1 << 20, 1);
		const expected = createHash('sha256').update(data).digest('hex');
		const one = hash('sha256', data, {encoding: 'hex'});
		const all = hash.map('sha256', [data, data], {encoding: 'hex'});
		data.fill(2);
		assert.equal(await one, expected);
		assert.deepEqual(await all, [expected, expected]);
	});

	test('a digest has memory of its own', async () => {
		const digest = await hash('sha256', 'abc');
		assert.equal(digest.buffer.byteLength, digest.length);
		const [moved] = structuredClone([digest], {transfer: [digest.buffer]});
		assert.equal(moved.length, 32);
	});

	test('calls are those of no limit for subscribers', async () => {
		const messages = [];
		const subscribe = message => messages.push(message);
		const names = ['queued', 'started', 'settled', 'limit'].map(name => `p-lanes:${name}`);
		for (const name of names) {
			diagnostics.subscribe(name, subscribe);
		}

		await hash.map('sha256', ['a', 'b']);
		for (const name of names) {
			diagnostics.unsubscribe(name, subscribe);
		}

		assert.deepEqual(messages, []);
	});

	test('a digest of a list cannot be transferred away from the others', async () => {
		const [first, second] = await hash.map('sha256', ['a', 'b']);
		const before = second.toString('hex');
		try {
			structuredClone(first, {transfer: [first.buffer]});
		} catch {
			// Node refuses or copies, as its version has it.
		}

		assert.equal(second.toString('hex'), before);
	});
});

describe('hash.files', () => {
	const file = (name, content) => {
		const made = path.join(root, name);
		fs.writeFileSync(made, content);
		return made;
	};

	test('files of all sizes, by path, Buffer and URL', async () => {
		const sizes = [0, 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 3_000_000];
		const paths = sizes.map(size => file(`size-${size}`, Buffer.alloc(size, size % 251)));
		const expected = paths.map(name => createHash('sha256').update(fs.readFileSync(name)).digest('hex'));
		assert.deepEqual(await hash.files('sha256', paths, {encoding: 'hex', lane: 'offline'}), expected);
		const others = [Buffer.from(paths[1]), pathToFileURL(paths[2])];
		assert.deepEqual(await hash.files('sha256', others, {encoding: 'hex'}), expected.slice(1, 3));
	});

	test('a file that fails is its own entry', async () => {
		const missing = path.join(root, 'missing');
		const [one, none, folder, two] = await hash.files('crc32', [file('one', '1'), missing, root, file('two', '2')]);
		assert.equal(one.toString('hex'), '83dcefb7');
		assert.equal(two.toString('hex'), '1ad5be0d');
		assert.ok(none instanceof Error);
		assert.deepEqual([none.code, none.path, none.syscall], ['ENOENT', missing, 'read']);
		assert.match(none.message, /^ENOENT: no such file or directory, read '.*missing'$/);
		assert.equal(folder.code, 'EISDIR');
	});

	test('errors are those of Node: code, number and text', async () => {
		const loop = path.join(root, 'loop');
		const secret = file('secret', 'secret');
		const cases = [
			path.join(root, 'missing'),
			root,
			path.join(file('one', '1'), 'below'),
			path.join(root, 'a'.repeat(300)),
		];
		if (process.platform !== 'win32') {
			fs.symlinkSync(loop, loop);
			fs.chmodSync(secret, 0);
			cases.push(loop, secret);
		}

		const entries = await hash.files('crc32', cases);
		for (const [index, name] of cases.entries()) {
			let expected;
			try {
				fs.readFileSync(name);
				continue; // the superuser may read everything
			} catch (error) {
				expected = error;
			}

			const {code, errno, message} = entries[index];
			assert.deepEqual([code, errno], [expected.code, expected.errno], name);
			assert.equal(message.split(', ')[0], expected.message.split(', ')[0], name);
		}
	});

	test('a path that is no UTF-8 is refused, and not another file read', async () => {
		await assert.rejects(hash.files('sha1', [Buffer.from([99, 0xe9])]), {
			code: 'ERR_INVALID_ARG',
			message: /^`paths\[0\]` must be a path in UTF-8, got <Buffer 63 e9>$/,
		});
		assert.equal((await hash.files('sha1', [Buffer.from(__filename)]))[0].length, 20);
	});
});

describe('abort', () => {
	test('before the call', async () => {
		const reason = new Error('never');
		await assert.rejects(hash('sha256', '', {signal: AbortSignal.abort(reason)}), reason);
	});

	test('in the middle: at once, and what others wait for goes on', async () => {
		const controller = new AbortController();
		const list = Array.from({length: 64}, () => Buffer.alloc(1 << 20));
		const aborted = hash.map('sha512', list, {signal: controller.signal, lane: 'offline'});
		const other = hash('sha1', '', {encoding: 'hex'});
		controller.abort();
		await assert.rejects(aborted, {name: 'AbortError'});
		assert.equal(await other, 'da39a3ee5e6b4b0d3255bfef95601890afd80709');
	});

	test('one listener, whatever the number of calls, and none stays', async () => {
		const {signal} = new AbortController();
		let listeners = 0;
		let most = 0;
		signal.addEventListener = () => {
			most = Math.max(most, ++listeners);
		};
		signal.removeEventListener = () => listeners--;
		await Promise.all(Array.from({length: 20}, () => hash('sha1', '', {signal})));
		await hash.map('sha1', ['', ''], {signal});
		assert.deepEqual([listeners, most], [0, 1]);
	});
});

const gone = () => {
	const data = new Uint8Array(8);
	structuredClone(data, {transfer: [data.buffer]});
	return data;
};

describe('bad input', () => {
	for (const [name, call, message] of [
		['an unknown algorithm', () => hash('md5', ''), /^`algorithm` must be one of 'sha1', .*, got 'md5'$/],
		['no data', () => hash('sha1'), /^`data` must be a string, .*, got undefined$/],
		['a number', () => hash('sha1', 1), /^`data` must be .*, got 1$/],
		['memory that is gone', () => hash('sha1', gone()), /^`data` must be memory that was not transferred/],
		['no list', () => hash.map('sha1', 'abc'), /^`list` must be an iterable of items, got 'abc'$/],
		['an item', () => hash.map('sha1', ['', null]), /^`list\[1\]` must be .*, got null$/],
		['a path', () => hash.files('sha1', ['']), /^`paths\[0\]` must be a path or a file URL, got ''$/],
		['a path with a zero', () => hash.files('sha1', ['a\0']), /^`paths\[0\]` must be a path/],
		[
			'an encoding',
			() => hash('sha1', '', {encoding: 'utf8'}),
			/^`encoding` must be 'buffer', 'hex', 'base64' or 'base64url', got 'utf8'$/,
		],
		['a lane', () => hash('sha1', '', {lane: 'fast'}), /^`lane` must be 'online' or 'offline', got 'fast'$/],
		['a signal', () => hash('sha1', '', {signal: {}}), /^`signal` must be an AbortSignal, got {}$/],
		['options', () => hash('sha1', '', 1), /^`options` must be an object, got 1$/],
	]) {
		test(name, async () => {
			await assert.rejects(call, error => {
				assert.ok(error instanceof InvalidArgError);
				assert.equal(error.code, 'ERR_INVALID_ARG');
				assert.match(error.message, message);
				return true;
			});
		});
	}
});

describe('threads', () => {
	const run = (code, env) =>
		execFileSync(process.execPath, ['-e', `const {hash, configure} = require('./index.js'); ${code}`], {
			cwd: path.join(__dirname, '../..'),
			encoding: 'utf8',
			env: {...process.env, ...env},
		}).trim();

	// A thread gives itself its name, which may be after its first job.
	const countThreads = `
		const fs = require('node:fs');
		const nameOf = id => fs.readFileSync('/proc/self/task/' + id + '/comm', 'utf8');
		const count = () => fs.readdirSync('/proc/self/task').filter(id => nameOf(id).startsWith('p-lanes-')).length;
		hash('sha1', '').then(async () => {
			let before = -1;
			for (let same = 0; same < 20; same = count() === before ? same + 1 : 0) {
				before = count();
				await new Promise(resolve => setTimeout(resolve, 5));
			}

			console.log(before);
		});
	`;
	// Node's threads have no names of ours.
	const skip = process.platform !== 'linux' || kind === 'wasm';

	test('configure', {skip}, () => {
		assert.equal(run(`configure({threads: 3, reserve: 2}); ${countThreads}`), '5');
	});

	test('P_LANES_THREADS', {skip}, () => {
		assert.equal(run(countThreads, {P_LANES_THREADS: '5'}), '6', 'and one for online calls only');
	});

	test('a value that is no number is named by the first call', () => {
		const said = run("hash('sha1', '').catch(error => console.log(error.code, error.message))", {
			P_LANES_THREADS: 'many',
		});
		assert.match(said, /^ERR_INVALID_ARG .*P_LANES_THREADS must be a whole number from 1 to 1024, got "many"$/);
	});

	test('configure is refused where it can not be followed', () => {
		const attempt = given => `try { configure(${given}); } catch (error) { console.log(error.code, error.message); }`;
		assert.match(
			run(attempt('{threads: 2, reserve: 1025}')),
			/^ERR_INVALID_ARG `reserve` must be a whole number from 0 to 1024, got 1025$/,
		);
		assert.match(
			run(attempt('{threads: 0}')),
			/^ERR_INVALID_ARG `threads` must be a whole number from 1 to 1024, got 0$/,
		);
		assert.match(
			run(`hash('sha1', ''); ${attempt('{threads: 2}')}`),
			/^ERR_INVALID_ARG `configure` must be called before the first kernel/,
		);
	});

	test('a process ends when its kernels have, and not before', () => {
		assert.equal(
			run("hash('sha1', '', {encoding: 'hex'}).then(console.log)"),
			'da39a3ee5e6b4b0d3255bfef95601890afd80709',
		);
	});
});
