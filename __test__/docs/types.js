'use strict';

// Checks and compiles ts blocks, all of a document at once.

const assert = require('node:assert/strict');
const {readFileSync} = require('node:fs');
const path = require('node:path');
const {root} = require('./blocks.js');
const {folderWith, node} = require('./program.js');

const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');

const OPTIONS = {
	module: 'nodenext',
	target: 'es2022',
	strict: true,
	exactOptionalPropertyTypes: true,
	noEmitOnError: true,
	allowJs: true,
	skipLibCheck: true,
	outDir: 'out',
	rootDir: '.',
	types: ['node'],
};

/**
 * Gives the JavaScript of TypeScript blocks, or fails with what the compiler says.
 *
 * @param blocks - Of each the `text`, and `types`, which is put before it: declarations of its stand-ins.
 * @param files - What the blocks import.
 */
const compile = async (blocks, files) => {
	const sources = blocks.map(({text, types = ''}, index) => [`block-${index}.mts`, `${types}\n${text}\nexport {};`]);
	const own = folderWith({
		...files,
		...Object.fromEntries(sources),
		'globals.d.ts': readFileSync(path.join(__dirname, 'globals.d.ts'), 'utf8'),
		'tsconfig.json': JSON.stringify({compilerOptions: OPTIONS, include: ['*']}),
	});
	await node([compiler, '-p', own], own).catch(({stdout}) => assert.fail(stdout));
	return blocks.map((_, index) => readFileSync(path.join(own, 'out', `block-${index}.mjs`), 'utf8'));
};

module.exports = {compile};
