'use strict';

// What the demo says of a folder. Facts alone: how long something took is for people to look at.

const assert = require('node:assert/strict');
const {spawn, spawnSync} = require('node:child_process');
const {once} = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const {after, before, describe, test} = require('node:test');

const demo = path.join(__dirname, '..', 'demo', 'demo.mjs');
const onWindows = process.platform === 'win32';

let root;

before(() => {
	root = fs.mkdtempSync(path.join(os.tmpdir(), 'p-lanes-demo-'));
});

after(() => {
	fs.rmSync(root, {recursive: true, force: true});
});

/** A folder with the given files; a name may hold folders. */
const folderOf = (name, files) => {
	const folder = path.join(root, name);
	fs.mkdirSync(folder);
	for (const [file, content] of Object.entries(files)) {
		fs.mkdirSync(path.dirname(path.join(folder, file)), {recursive: true});
		fs.writeFileSync(path.join(folder, file), content);
	}

	return folder;
};

const run = (arguments_, options) => {
	const {status, stdout, stderr} = spawnSync(process.execPath, [demo, ...arguments_], {encoding: 'utf8', ...options});
	assert.doesNotMatch(stdout + stderr, /^\s+at /m, 'a stack trace');
	return {status, stdout, stderr};
};

/** Each round's cells, by its name. */
const tableOf = stdout => {
	const rows = stdout
		.split('\n')
		.filter(line => line.startsWith('│'))
		.map(line =>
			line
				.split('│')
				.slice(1, -1)
				.map(cell => cell.trim()),
		);
	const [head, ...body] = rows;
	return Object.fromEntries(
		body.map(cells => [cells[0], Object.fromEntries(cells.map((cell, index) => [head[index], cell]))]),
	);
};

const ROUNDS = ['all at once', 'p-limit', 'p-lanes'];

describe('what can not be read', () => {
	const refused = (arguments_, message) => {
		const {status, stdout, stderr} = run(arguments_);
		assert.match(stderr, message);
		assert.doesNotMatch(stdout, /│/);
		assert.equal(status, 1);
	};

	test('no such folder', () => {
		refused([path.join(root, 'missing')], /^No such folder: .*missing\n$/);
	});

	test('a file', () => {
		const file = path.join(folderOf('with-file', {a: 'a'}), 'a');
		refused([file], /^Not a folder: .*a\n$/);
		refused([path.join(file, 'b')], /^No such folder: .*b\n$/);
	});

	test('an empty folder', () => {
		refused([folderOf('empty', {})], /^No files to read in .*empty\n$/);
	});

	test('a folder of folders', () => {
		const folder = folderOf('hollow', {});
		fs.mkdirSync(path.join(folder, 'a', 'b'), {recursive: true});
		refused([folder], /^No files to read in .*hollow\n$/);
	});

	test('a folder of links', {skip: onWindows}, () => {
		const folder = folderOf('links', {});
		fs.symlinkSync(demo, path.join(folder, 'file'));
		fs.symlinkSync('.', path.join(folder, 'loop'));
		refused([folder], /^No files to read in .*links; skipped: 2 \(symbolic link: 2\)\n$/);
	});
});

describe('arguments', () => {
	test('--help', () => {
		const {status, stdout} = run(['--help']);
		assert.match(stdout, /^Usage: npm run demo \[folder\]/);
		assert.equal(status, 0);
	});

	for (const [name, arguments_, message] of [
		['an unknown option', ['--bogus'], /--bogus/],
		['an empty name', [''], /^The folder's name is empty/],
		['two folders', ['a', 'b'], /^One folder at most, got 2/],
		['no number', ['--seconds', 'x'], /^--seconds must be a number above 0 up to 600, got 'x'/],
		['an empty number', ['--seconds', ''], /^--seconds must be .* got ''/],
		['zero', ['--seconds', '0'], /^--seconds must be .* got '0'/],
		['too long', ['--seconds', '601'], /^--seconds must be .* got '601'/],
	]) {
		test(name, () => {
			const {status, stderr} = run(arguments_);
			assert.match(stderr, message);
			assert.equal(status, 1);
		});
	}
});

describe('rounds', () => {
	const measured = (folder, options) => {
		const {status, stdout, stderr} = run([folder, '--seconds', '0.2'], options);
		assert.equal(stderr, '');
		assert.equal(status, 0);
		const table = tableOf(stdout);
		assert.deepEqual(Object.keys(table), ROUNDS);
		assert.doesNotMatch(stdout, /different contents|could not be read|got no answer/);
		for (const row of Object.values(table)) {
			assert.ok(Number(row.answered) > 0, `answered: ${row.answered}`);
		}

		return {stdout, table};
	};

	const assertRead = (table, files, bytes) => {
		for (const name of ROUNDS) {
			assert.equal(table[name].files, files);
			assert.equal(table[name].bytes, bytes);
		}
	};

	test('count every file and byte', () => {
		const folder = folderOf('normal', {
			one: 'x'.repeat(200),
			'a/two': 'x'.repeat(300),
			'a/b/three': 'x'.repeat(150_000),
			empty: '',
		});
		const {stdout, table} = measured(folder);
		assertRead(table, '4', '151 kB');
		assert.match(stdout, /normal: 4 files, 151 kB\n/);
		assert.match(stdout, /99% of the\s+answers\s+came\s+within/);
		assert.match(stdout, /The batch was repeated until a round had lasted 0\.2 s/);
	});

	test('draw a picture of the latencies, with what it shows as text', () => {
		const folder = folderOf('drawn', {a: 'a', b: 'bb'});
		const file = path.join(root, 'picture.svg');
		const {status, stderr} = run([folder, '--seconds', '0.2', '--picture', file]);
		assert.equal(stderr, '');
		assert.equal(status, 0);
		const svg = fs.readFileSync(file, 'utf8');
		assert.match(svg, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
		assert.match(svg, /aria-label="Latency of 200 requests a second while a batch hashes 2 files\. /);
		for (const name of ROUNDS) {
			assert.match(svg, new RegExp(`>${name}</text>`));
		}
	});

	test('one file', () => {
		assertRead(measured(folderOf('one', {a: 'a'})).table, '1', '1 B');
	});

	test('plain lines where there is no terminal', () => {
		const {stdout} = measured(folderOf('lines', {a: 'a'}));
		assert.ok(!stdout.includes('\u001B') && !stdout.includes('\r'), 'no control characters');
		for (const name of ROUNDS) {
			assert.match(stdout, new RegExp(`^${name}: begins\n(${name}: \\d+ % \\| .*\n)*${name}: 100 % \\| `, 'm'));
		}
	});

	test('links and special files are counted and left out', {skip: onWindows}, () => {
		const folder = folderOf('special', {a: 'abc', 'b/c': 'de'});
		fs.symlinkSync('a', path.join(folder, 'link'));
		fs.symlinkSync('nowhere', path.join(folder, 'dangling'));
		fs.symlinkSync('..', path.join(folder, 'b', 'loop'));
		assert.equal(spawnSync('mkfifo', [path.join(folder, 'fifo')]).status, 0);
		const {stdout, table} = measured(folder);
		assertRead(table, '2', '5 B');
		assert.match(stdout, /; skipped: 4 \((symbolic link: 3; special file: 1|special file: 1; symbolic link: 3)\)/);
	});

	test('unreadable files and folders are counted and left out', {skip: onWindows || process.getuid() === 0}, () => {
		const folder = folderOf('secret', {a: 'abc', b: 'de', 'c/d': 'f'});
		fs.chmodSync(path.join(folder, 'b'), 0);
		fs.chmodSync(path.join(folder, 'c'), 0);
		const {stdout, table} = measured(folder);
		fs.chmodSync(path.join(folder, 'c'), 0o700);
		assertRead(table, '1', '3 B');
		assert.match(stdout, /; skipped: 2 \(unreadable\s+folder,\s+EACCES: 1; unreadable,\s+EACCES: 1\)/);
	});

	test('a relative folder is meant from where npm was called', () => {
		folderOf('called', {'here/a': 'a'});
		const env = {...process.env, npm_lifecycle_event: 'demo', INIT_CWD: path.join(root, 'called')};
		assertRead(measured('here', {env}).table, '1', '1 B');
	});
});

describe('the sentence', () => {
	const round = (name, p50, p99, more) => ({name, p50, p99, seconds: 1, answered: 100, sent: 100, skips: {}, ...more});

	const sentenceOf = async (...rounds) => {
		const {sentence} = await import('../demo/report.mjs');
		return sentence(rounds, 200);
	};

	test('claims what both p50 and p99 show', async () => {
		const text = await sentenceOf(round('all at once', 2, 8), round('p-limit', 100, 400), round('p-lanes', 2, 4));
		assert.match(
			text,
			/p-lanes answered 100 times sooner than p-limit and not clearly sooner or later than all at once;/,
		);
	});

	test('says so where p-lanes is behind', async () => {
		const text = await sentenceOf(round('all at once', 1, 2), round('p-limit', 1, 2), round('p-lanes', 2, 4));
		assert.match(text, /p-lanes answered later than all at once and p-limit;/);
	});

	test('does not compare with a round that left work out', async () => {
		const text = await sentenceOf(round('all at once', 100, 400, {skips: {EMFILE: 3}}), round('p-lanes', 2, 4));
		assert.match(
			text,
			/400 ms with all at once \(which failed in part, see below\) and 4\.00 ms with p-lanes; the batch/,
		);
	});

	test('does without rounds that gave no figures', async () => {
		const failed = {name: 'p-lanes', failure: 'its process was ended by SIGKILL'};
		assert.match(
			await sentenceOf(round('p-limit', 1, 2), failed),
			/2\.00 ms with p-limit; the batch took 1\.00 s with p-limit\.$/,
		);
		assert.match(await sentenceOf(failed), /no round gave figures to compare\.$/);
	});
});

describe('stopping', {skip: onWindows}, () => {
	/** Starts the demo and waits until a round has begun. */
	const start = async folder => {
		const child = spawn(process.execPath, [demo, folder], {stdio: ['ignore', 'pipe', 'pipe'], detached: true});
		let output = '';
		let begun;
		const begins = new Promise(resolve => {
			begun = resolve;
		});
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding('utf8').on('data', text => {
				output += text;
				if (output.includes('all at once: begins')) {
					begun();
				}
			});
		}

		await begins;
		return {child, output: () => output};
	};

	/** The demo is a group leader here, so that a signal to the group finds whatever it left behind. */
	const assertNoneLeft = async group => {
		for (let tries = 0; tries < 100; tries++) {
			try {
				process.kill(-group, 0);
			} catch (error) {
				assert.equal(error.code, 'ESRCH');
				return;
			}

			await new Promise(resolve => {
				setTimeout(resolve, 50);
			});
		}

		process.kill(-group, 'SIGKILL');
		assert.fail('a process was left');
	};

	test('Ctrl-C ends it all', async () => {
		const {child, output} = await start(folderOf('stop', {a: 'a'}));
		process.kill(-child.pid, 'SIGINT'); // To the whole group, as a terminal does.
		const [code] = await once(child, 'close');
		assert.equal(code, 130);
		assert.doesNotMatch(output(), /^\s+at |│/m);
		await assertNoneLeft(child.pid);
	});

	test('a round does not outlive the demo', async () => {
		const {child} = await start(folderOf('killed', {a: 'a'}));
		child.kill('SIGKILL');
		await once(child, 'exit');
		await assertNoneLeft(child.pid);
	});
});
