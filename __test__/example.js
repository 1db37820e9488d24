'use strict';

// Runs a js block of a document as a program, in a process of its own and in a folder that has the package installed.

const assert = require('node:assert/strict');
const {execFile} = require('node:child_process');
const {mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} = require('node:fs');
const {tmpdir} = require('node:os');
const path = require('node:path');
const {after} = require('node:test');
const {promisify} = require('node:util');

const root = path.dirname(__dirname);

/** A folder that has the package installed, and what recipes use beside it. */
const folder = mkdtempSync(path.join(tmpdir(), 'p-lanes-recipes-'));
mkdirSync(path.join(folder, 'node_modules'));
symlinkSync(root, path.join(folder, 'node_modules', 'p-lanes'), 'junction');
for (const peer of ['cli-progress']) {
	symlinkSync(path.join(root, 'node_modules', peer), path.join(folder, 'node_modules', peer), 'junction');
}

after(() => rmSync(folder, {recursive: true}));

/** By the heading that they stand under: the js blocks of a document. */
const blocksOf = document => {
	const blocks = new Map();
	let heading;
	let block;
	for (const line of readFileSync(path.join(root, document), 'utf8').split('\n')) {
		if (block !== undefined) {
			if (line === '```') {
				assert.ok(!blocks.has(heading), `${document} has one js block under '${heading}'`);
				blocks.set(heading, block.join('\n'));
				block = undefined;
			} else {
				block.push(line);
			}
		} else if (line === '```js') {
			block = [];
		} else if (/^#+ /.test(line)) {
			heading = line.replace(/^#+ /, '');
		}
	}

	return blocks;
};

/** What all stand-ins may use. `most` counts how many of its calls run at a time. */
const TOOLS = `
	import {createServer as serve} from 'node:http';
	import {setImmediate as tick} from 'node:timers/promises';
	import p from 'p-lanes';

	const range = length => Array.from({length}, (_, index) => index);
	const tell = what => console.log(JSON.stringify(what));
	const most = fn => {
		let running = 0;
		const counted = async (...args) => {
			counted.most = Math.max(counted.most, ++running);
			try {
				await tick();
				return await fn(...args);
			} finally {
				running--;
			}
		};
		counted.most = 0;
		return counted;
	};
	const originOf = answer => new Promise(resolve => {
		// A connection that is kept would keep the process, too.
		const server = serve((request, response) => answer(request, response.setHeader('connection', 'close'))).listen(0, '127.0.0.1', () => {
			server.unref();
			resolve('http://127.0.0.1:' + server.address().port);
		});
	});
	globalThis.limit = p(8);
`;

/** Runs a block as a module, and gives what it has printed, line by line. */
const run = async (block, {before = '', behind = '', files = {}}) => {
	const own = mkdtempSync(path.join(folder, 'recipe-'));
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(path.dirname(path.join(own, name)), {recursive: true});
		writeFileSync(path.join(own, name), text);
	}

	// In files of their own, as what a module imports is there before its first line runs.
	writeFileSync(path.join(own, 'recipe.mjs'), `${TOOLS}\n${before}\n${block}\n${behind}`);
	const {stdout, stderr} = await promisify(execFile)(process.execPath, ['recipe.mjs'], {cwd: own, timeout: 60_000});
	assert.equal(stderr, '');
	return stdout.trim().split('\n');
};

module.exports = {blocksOf, run};
