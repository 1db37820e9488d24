'use strict';

const assert = require('node:assert/strict');
const {mkdirSync, writeFileSync} = require('node:fs');
const path = require('node:path');
const {test} = require('node:test');
const {pathToFileURL} = require('node:url');
const {folderFor, run} = require('./program.js');

// Node runs TypeScript from 22.18 on; before that tsx does.
const nodeArgs = process.features.typescript ? [] : ['--import', pathToFileURL(require.resolve('tsx')).href];
const env = {NODE_NO_WARNINGS: '1'};

/** Counts files with these contents, and `more` paths. */
const count = async (t, contents, more = []) => {
	const cwd = folderFor(t);
	for (const [name, content] of Object.entries(contents)) {
		writeFileSync(path.join(cwd, name), content);
	}

	mkdirSync(path.join(cwd, 'folder'));
	return run(t, 'cpu-files/count.mts', [...Object.keys(contents), ...more], {cwd, env, nodeArgs});
};

test('counts each file, in order, and finds files with the same content', async t => {
	const contents = {
		first: 'Apple banana, apple! A pear. Bananas: bananas and APPLE.',
		empty: '',
		copy: 'fünf Äpfel',
		other: 'fünf Äpfel',
	};
	const {code, stdout, stderr} = await count(t, contents);
	assert.equal(stderr, '');
	assert.equal(code, 0);
	const lines = stdout.split('\n');
	assert.equal(lines[0], 'first: 9 words, 6 different ones; apple (3), bananas (2), banana (1)');
	assert.equal(lines[1], 'empty: 0 words, 0 different ones; ');
	assert.equal(lines[2], 'copy: 2 words, 2 different ones; äpfel (1)');
	assert.equal(lines[3], 'other: 2 words, 2 different ones; äpfel (1)');
	assert.equal(lines[4], 'same content: copy other');
	assert.match(lines[5], /^4 files, 13 words, 0 files not read, \d+ threads$/);
});

test('many files', async t => {
	const contents = {};
	for (let file = 0; file < 200; file++) {
		contents[`file-${file}`] = 'many words '.repeat(file);
	}

	const {code, stdout} = await count(t, contents);
	assert.equal(code, 0);
	const lines = stdout.split('\n');
	for (let file = 0; file < 200; file++) {
		assert.ok(lines[file].startsWith(`file-${file}: ${2 * file} words, `), lines[file]);
	}

	assert.match(lines[200], /^200 files, 39800 words, 0 files not read, /);
});

test('a file that can not be read fails alone', async t => {
	const {code, stdout, stderr} = await count(t, {a: 'one', b: 'two'}, ['missing', 'folder']);
	assert.equal(code, 1);
	assert.match(stderr, /^missing: ENOENT: .*\nfolder: EISDIR: .*\n$/);
	assert.match(stdout, /^a: 1 words.*\nb: 1 words.*\n4 files, 2 words, 2 files not read/);
});

test('no files', async t => {
	const {code, stderr} = await count(t, {});
	assert.equal(stderr, 'Usage: node count.mts file ...\n');
	assert.equal(code, 2);
});
