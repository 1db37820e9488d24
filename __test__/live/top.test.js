'use strict';

// The terminal view, in a program and as a command: what it writes, where, and how it leaves a terminal.

const assert = require('node:assert/strict');
const {execFileSync, spawn, spawnSync} = require('node:child_process');
const {EventEmitter, once} = require('node:events');
const path = require('node:path');
const {afterEach, describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {dashboard} = require('p-lanes/dashboard');
const {top} = require('p-lanes/top');
const {run} = require('../cli/run.js');

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';

const onWindows = process.platform === 'win32';

/** A stream that keeps what is written. With a size it is a terminal. */
class Output extends EventEmitter {
	written = '';
	isTTY = false;

	constructor(size, hasColors = false) {
		super();
		if (size !== undefined) {
			this.resize(size);
			this.isTTY = true;
		}

		this.hasColors = () => hasColors;
	}

	resize([columns, rows]) {
		this.columns = columns;
		this.rows = rows;
		this.emit('resize');
	}

	write(text) {
		this.written += text;
		this.emit('written');
		return true;
	}

	/** The lines of the last picture, without what moves the cursor. */
	get lines() {
		return this.written
			.split(HOME)
			.at(-1)
			.replaceAll('\u001b[K', '')
			.replaceAll('\u001b[J', '')
			.split('\n')
			.slice(0, -1);
	}
}

let end;
let view;

/** A limit that runs one online call and three offline ones, and lets two wait. */
const busyLimit = label => {
	const ended = new Promise(resolve => {
		end = resolve;
	});
	const limit = pLimit({concurrency: 5, reserve: 2});
	limit.with({label})(() => ended);
	limit.offline.map(Array(5).keys(), () => ended);
	return limit;
};

afterEach(() => {
	view?.stop();
	view = undefined;
	end?.();
});

describe('top in a terminal', {skip: process.env.TERM === 'dumb'}, () => {
	test('shows the slots and the lanes of each limit and pool', () => {
		const output = new Output([120, 40]);
		const pools = {cpu: new pLimit.Pool({maxThreads: 2})};
		view = top({limits: {api: busyLimit('a call')}, pools, output});
		const {lines} = output;
		assert.match(lines[0], new RegExp(`^p-lanes {2}process ${process.pid} `));
		assert.deepEqual(lines.slice(1, 4), ['', 'api  4 of 5 slots · 2 reserved (fixed)', '  █░▓▓▓']);
		assert.match(lines[4], /^ +running +waiting +started\/s +failed\/s +wait p50 /);
		assert.match(lines[5], /^ {2}online +1 +0 .* in a call$/);
		assert.match(lines[6], /^ {2}offline +3 +2 /);
		assert.equal(lines[8], 'cpu  0 of 2 threads busy · 0 started · 0 % used since the start');
	});

	test('draws many slots to scale, and none where they have no end', () => {
		const output = new Output([50, 40]);
		view = top({limits: {many: pLimit(10_000), open: pLimit(Number.POSITIVE_INFINITY)}, output});
		assert.equal(output.lines[3], `  ${'·'.repeat(48)}`);
		assert.ok(output.lines.includes('open  0 of ∞ slots'));
	});

	test('shows the busiest keys of keyed limits', () => {
		const output = new Output([80, 40]);
		const hosts = pLimit.keyed({concurrency: 1});
		const ended = new Promise(resolve => {
			end = resolve;
		});
		hosts('a.example').map([1, 2, 3], () => ended);
		hosts('b.example');
		view = top({limits: {hosts}, output});
		assert.deepEqual(output.lines.slice(2), [
			'hosts  2 keys · 1 running · 2 waiting',
			'  1 running, 2 waiting          a.example',
		]);
	});

	test('fits the window, also when its size changes', () => {
		const output = new Output([120, 40]);
		view = top({limits: {[`n${'a'.repeat(300)}me`]: busyLimit('l'.repeat(300)), other: pLimit(1)}, output});
		for (const size of [
			[120, 40],
			[40, 40],
			[81, 5],
			[1, 1],
			[200, 8],
		]) {
			output.resize(size);
			const {lines} = output;
			assert.ok(lines.length <= Math.max(1, size[1] - 1), `${lines.length} lines in ${size}`);
			assert.ok(
				lines.every(line => [...line].length <= size[0]),
				`${lines.join('\n')} in ${size}`,
			);
		}

		assert.match(output.lines.at(-1), /more lines; make the window higher/);
	});

	test('counts wide characters as two columns', () => {
		const output = new Output([10, 40]);
		view = top({limits: {漢字漢字漢字漢字: pLimit(1)}, output});
		assert.ok(output.lines.includes('漢字漢字漢'));
	});

	test('lets no name or label move the cursor', () => {
		const output = new Output([120, 40]);
		const hostile = '\u001b[2J\u001b]0;title\u0007\r\n\u009b31m\u202e\u2028';
		view = top({limits: {[`a${hostile}b`]: busyLimit(`c${hostile}d`)}, output});
		const text = output.lines.join('');
		assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\u2028]/u);
		assert.match(text, /a\ufffd\[2J\ufffd\]0;title/);
	});

	test('has colours where the terminal has them', () => {
		for (const hasColors of [false, true]) {
			const output = new Output([120, 40], hasColors);
			view = top({limits: {api: busyLimit('a call')}, output});
			assert.equal(output.written.includes('\u001b[34m'), hasColors);
			view.stop();
		}
	});

	test('leaves it as it was', () => {
		const output = new Output([120, 40]);
		const listeners = () =>
			['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGTSTP', 'SIGCONT', 'exit'].map(name => process.listenerCount(name));
		const before = listeners();
		view = top({limits: {api: pLimit(1)}, output});
		assert.ok(output.written.startsWith(ENTER));
		view.stop();
		view.stop();
		assert.ok(output.written.endsWith(LEAVE));
		assert.equal(output.written.split(LEAVE).length, 2);
		assert.equal(output.listenerCount('resize'), 0);
		assert.deepEqual(listeners(), before);
	});

	/** Runs a program with a view in a terminal of its own kind: its output says that it is one. */
	const program = lines => `
		const {top} = require('p-lanes/top');
		const output = Object.assign(Object.create(process.stdout), {isTTY: true, columns: 80, rows: 24});
		top({limits: {api: require('p-lanes')(1)}, output, interval: 100});
		${lines}
	`;

	test('leaves it so when the process ends, which it does not delay', () => {
		const exits = ['', 'process.exit(0);', 'setTimeout(() => process.exit(0), 1);'];
		for (const lines of exits) {
			const out = execFileSync(process.execPath, ['-e', program(lines)], {
				cwd: __dirname,
				encoding: 'utf8',
				timeout: 60_000,
			});
			assert.ok(out.startsWith(ENTER) && out.endsWith(LEAVE), lines);
		}
	});

	test('leaves it so when the process fails', () => {
		const {stdout, status} = spawnSync(process.execPath, ['-e', program(`throw new Error('failed')`)], {
			cwd: __dirname,
			encoding: 'utf8',
		});
		assert.equal(status, 1);
		assert.ok(stdout.endsWith(LEAVE));
	});

	/** Sends a signal to a program that keeps running. Resolves with its output, its exit code and the signal that has ended it. */
	const signalled = async (signal, lines = '') => {
		const script = program(`${lines} setInterval(() => {}, 1000); process.stderr.write('ready');`);
		const child = spawn(process.execPath, ['-e', script], {cwd: __dirname});
		let out = '';
		child.stdout.setEncoding('utf8').on('data', text => {
			out += text;
		});
		await once(child.stderr, 'data');
		child.kill(signal);
		const [code, by] = await once(child, 'close');
		return {out, code, by};
	};

	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
		test(`leaves it so by ${signal}, which ends the process as ever`, {skip: onWindows}, async () => {
			const {out, code, by} = await signalled(signal);
			assert.deepEqual([code, by], [null, signal]);
			assert.ok(out.endsWith(LEAVE));
		});
	}

	test("leaves a signal to the program's own handler", {skip: onWindows}, async () => {
		const lines = `process.on('SIGINT', () => { console.log('handled'); process.exit(3); });`;
		const {out, code, by} = await signalled('SIGINT', lines);
		assert.deepEqual([code, by], [3, null]);
		assert.ok(out.endsWith(`${LEAVE}handled\n`));
	});
});

describe('top elsewhere', () => {
	test('writes one line for each limit and pool', () => {
		const output = new Output();
		view = top({limits: {api: busyLimit('a call'), 'a\nb': pLimit(2)}, output});
		const [first, second, rest] = output.written.split('\n');
		assert.match(
			first,
			/^\d\d:\d\d:\d\d api slots=4\/5 online\.running=1 online\.waiting=0 online\.started\/s=0 online\.failed\/s=0 online\.wait\.p99=\S+ offline\.running=3 offline\.waiting=2 /,
		);
		assert.match(second, /^\d\d:\d\d:\d\d a\ufffdb slots=0\/2 /);
		assert.equal(rest, '');
		assert.ok(!output.written.includes('\u001b'));
	});

	test('goes on until it is stopped', async () => {
		const output = new Output();
		view = top({limits: {api: pLimit(1)}, interval: 100, output});
		const kept = setInterval(() => {}, 1000); // the view does not keep the process
		await once(output, 'written');
		view.stop();
		const {written} = output;
		assert.equal(written.split('\n').length, 3);
		await new Promise(resolve => setTimeout(resolve, 300));
		assert.equal(output.written, written);
		clearInterval(kept);
	});
});

describe('bad input of top', () => {
	const api = pLimit(1);
	for (const [options, message] of [
		[undefined, '`options` must be an object, got undefined'],
		[{}, 'there is nothing to show: give `limits` or `pools`, such as {limits: {api}}'],
		[{limits: {api}, interval: 0}, '`interval` must be a number of milliseconds from 100 to 2147483647, got 0'],
		[{limits: {api}, output: 1}, '`output` must be a stream to write to, got 1'],
		[{limits: {api}, stream: process.stdout}, /^`stream` is not an option/],
	]) {
		test(`${message}`, () => {
			assert.throws(() => top(options), {code: 'ERR_INVALID_ARG', message});
		});
	}
});

describe('p-lanes top', () => {
	const main = path.join(__dirname, '../../lib/cli/main.js');

	test('shows the limits of another process', async () => {
		const page = await dashboard({limits: {api: busyLimit('a call')}, interval: 100});
		const child = spawn(process.execPath, [main, 'top', page.url]);
		const [text] = await once(child.stdout.setEncoding('utf8'), 'data');
		assert.match(text, /^\d\d:\d\d:\d\d api slots=4\/5 online\.running=1 /);
		let told = '';
		child.stderr.setEncoding('utf8').on('data', chunk => {
			told += chunk;
		});
		await page.close();
		assert.deepEqual(await once(child, 'close'), [1, null]);
		assert.equal(told, `p-lanes top: ${page.url} has closed the connection\n`);
	});

	test('says so, too, when the other process was killed', async () => {
		const script = `
			require('p-lanes/dashboard').dashboard({limits: {api: require('p-lanes')(1)}}).then(({url}) => console.log(url));
			setInterval(() => {}, 1000);`;
		const other = spawn(process.execPath, ['-e', script], {cwd: __dirname});
		const url = String((await once(other.stdout, 'data'))[0]).trim();
		const child = spawn(process.execPath, [main, 'top', url]);
		await once(child.stdout, 'data');
		other.kill('SIGKILL');
		let told = '';
		child.stderr.setEncoding('utf8').on('data', chunk => {
			told += chunk;
		});
		assert.deepEqual(await once(child, 'close'), [1, null]);
		assert.equal(told, `p-lanes top: ${url} has closed the connection\n`);
	});

	test('shows one sample with --once', async () => {
		const page = await dashboard({limits: {api: busyLimit('a call')}});
		const child = spawn(process.execPath, [main, 'top', '--once', page.url.slice(0, -1)]);
		let text = '';
		child.stdout.setEncoding('utf8').on('data', chunk => {
			text += chunk;
		});
		assert.deepEqual(await once(child, 'close'), [0, null]);
		assert.match(text, /^\S+ api slots=4\/5 [^\n]*\n$/);
		await page.close();
	});

	test('says what is wrong with its URL', () => {
		for (const args of [['top'], ['top', 'a', 'b'], ['top', '127.0.0.1:9464'], ['top', 'https://127.0.0.1']]) {
			const {status, stderr} = run(args);
			assert.equal(status, 2);
			assert.match(stderr, /^p-lanes top takes /);
		}
	});

	test('says that nothing answers, or something else', async () => {
		const {status, stdout, stderr} = run(['top', 'http://127.0.0.1:1/']);
		assert.deepEqual([status, stdout], [1, '']);
		assert.match(stderr, /^p-lanes top: http:\/\/127\.0\.0\.1:1\/: .*ECONNREFUSED/);

		const server = require('node:http')
			.createServer((_, response) => response.end('hello'))
			.listen(0, '127.0.0.1');
		await once(server, 'listening');
		const child = spawn(process.execPath, [main, 'top', `http://127.0.0.1:${server.address().port}`]);
		const [text] = await once(child.stderr.setEncoding('utf8'), 'data');
		assert.match(text, /this is no dashboard of p-lanes; it has answered with status 200\n$/);
		assert.deepEqual(await once(child, 'close'), [1, null]);
		server.close();
		server.closeAllConnections();
	});
});
