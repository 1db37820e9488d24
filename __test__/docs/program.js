'use strict';

// Runs a code block as a program, in a process of its own and in a folder that has the package installed.

const assert = require('node:assert/strict');
const {execFile} = require('node:child_process');
const {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} = require('node:fs');
const {tmpdir} = require('node:os');
const path = require('node:path');
const {pathToFileURL} = require('node:url');
const {after} = require('node:test');
const {promisify} = require('node:util');
const {root} = require('./blocks.js');

const tools = pathToFileURL(path.join(__dirname, 'tools.mjs')).href;

/** A folder that has the package installed, the types of Node, and what blocks use beside them. */
const folder = mkdtempSync(path.join(tmpdir(), 'p-lanes-docs-'));
mkdirSync(path.join(folder, 'node_modules'));
symlinkSync(root, path.join(folder, 'node_modules', 'p-lanes'), 'junction');
for (const name of ['@types', 'cli-progress']) {
	symlinkSync(path.join(root, 'node_modules', name), path.join(folder, 'node_modules', name), 'junction');
}

after(() => rmSync(folder, {recursive: true}));

const LOGS = /^(\s*)console\.log\((.*)\); \/\/ (.+)$/;

/** A block that checks what it logs where a comment beside `console.log(...)` has it. */
const checked = block => {
	const expected = [];
	const lines = block.split('\n').map((line, index) => {
		const [, indent, values, text] = LOGS.exec(line) ?? [];
		if (values === undefined) {
			return line;
		}

		expected.push([index, text]);
		return `${indent}logs(${index}, ${values});`;
	});
	return expected.length > 0 ? `expectLogs(${JSON.stringify(expected)});\n${lines.join('\n')}` : block;
};

/** A folder of its own with these files, which map names to texts. */
const folderWith = files => {
	const own = mkdtempSync(path.join(folder, 'block-'));
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(path.dirname(path.join(own, name)), {recursive: true});
		writeFileSync(path.join(own, name), text);
	}

	return own;
};

const node = (args, cwd) => promisify(execFile)(process.execPath, args, {cwd, timeout: 60_000});

/** Runs a block as a module, and gives what it has printed, line by line. */
const run = async (block, {before = '', behind = '', files = {}}) => {
	// What a module imports is there before its first line runs, so the files are written here.
	const own = folderWith({...files, 'program.mjs': `import '${tools}';\n${before}\n${checked(block)}\n${behind}`});
	const {stdout, stderr} = await node(['program.mjs'], own);
	assert.equal(stderr, '');
	return stdout.trim().split('\n');
};

/** Fails if a text is no JavaScript. */
const parse = async (text, name = 'program.mjs') => {
	await node(['--check', name], folderWith({[name]: text}));
};

module.exports = {folderWith, node, parse, run};
