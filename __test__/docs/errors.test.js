'use strict';

// The table of codes in docs/guide/errors.md has exactly the codes that the source gives to errors, with their classes.

const assert = require('node:assert/strict');
const {existsSync, readdirSync, readFileSync} = require('node:fs');
const path = require('node:path');
const {test} = require('node:test');
const pLimit = require('p-lanes');

const root = path.join(__dirname, '../..');

/** Codes of Node and of others, which the source compares with and gives to no error. */
const FOREIGN = new Set([
	'ERR_BUFFER_TOO_LARGE',
	'ERR_DLOPEN_DISABLED',
	'ERR_INVALID_TRANSFER_OBJECT',
	'ERR_INVALID_URL',
	'ERR_MISSING_TRANSFERABLE_IN_TRANSFER_LIST',
	'ERR_UNKNOWN_FILE_EXTENSION',
	'ERR_WORKER_INVALID_EXEC_ARGV',
]);

const sources = [
	'index.js',
	...['lib', 'src', 'entries']
		.filter(folder => existsSync(path.join(root, folder)))
		.flatMap(folder => readdirSync(path.join(root, folder), {recursive: true}).map(name => path.join(folder, name))),
].filter(name => /\.(c?js|mjs|rs)$/.test(name));

const codesInSource = () => {
	const codes = new Set();
	for (const name of sources) {
		for (const [code] of readFileSync(path.join(root, name), 'utf8').matchAll(/(?<!\w)ERR_[A-Z_]+/g)) {
			if (!FOREIGN.has(code)) {
				codes.add(code);
			}
		}
	}

	return [...codes].sort();
};

/** The rows of the table under a heading, as lists of cells. */
const rowsUnder = heading => {
	const page = readFileSync(path.join(root, 'docs/guide/errors.md'), 'utf8');
	const [, section] = page.split(`\n## ${heading}\n`);
	const rows = section
		.split('\n## ')[0]
		.split('\n')
		.filter(line => line.startsWith('| `'));
	return rows.map(row => row.split('|').map(cell => cell.trim()));
};

const rows = rowsUnder('All codes').map(([, code, name]) => [code.replaceAll('`', ''), name]);

test('the table has each code of the source once, and no other', () => {
	assert.ok(sources.length > 100, `${sources.length} files`);
	assert.deepEqual(rows.map(([code]) => code).sort(), codesInSource());
});

test('the table names the class of each code, and the package exports it', () => {
	const classes = Object.entries(pLimit).filter(([name]) => name.endsWith('Error'));
	assert.ok(classes.length > 5);
	const told = new Map(rows);
	for (const [name, ErrorClass] of classes) {
		const {code} = new ErrorClass('');
		assert.match(told.get(code) ?? '', new RegExp(`^\`${name}\``), `the class of ${code}`);
	}
});

test('the table of warnings has each code that the source warns with', () => {
	const warned = sources.flatMap(name =>
		[...readFileSync(path.join(root, name), 'utf8').matchAll(/code: '(P_LANES_\w+)'/g)].map(([, code]) => code),
	);
	assert.deepEqual(
		rowsUnder('Warnings').map(([, code]) => code.replaceAll('`', '')),
		[...new Set(warned)].sort(),
	);
});
