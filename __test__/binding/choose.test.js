'use strict';

// Which Rust side is used: the addon, or WebAssembly.

const assert = require('node:assert/strict');
const {rmSync, writeFileSync} = require('node:fs');
const path = require('node:path');
const process = require('node:process');
const {afterEach, beforeEach, describe, test} = require('node:test');
const {choose} = require('../../lib/binding/choose.js');
const {NoBinaryError} = require('../../lib/binding/no-binary-error.js');
const {needsModule, readModule} = require('../wasm/module.js');
const {installPackage, newFolder, runIn} = require('./installed.js');

const addon = {Port: class {}};
const refused = new NoBinaryError('refused');

const loads = () => ({addon, file: 'a.node'});
const fails = () => {
	throw refused;
};
const hasWasm = cause => ({cause});
const hasNone = () => undefined;
const never = () => assert.fail('it was loaded');

describe('the choice', () => {
	const before = {...process.env};
	const {versions} = process;

	beforeEach(() => {
		delete process.env.P_LANES_BINDING;
		delete process.env.P_LANES_BINARY;
	});

	afterEach(() => {
		for (const name of ['P_LANES_BINDING', 'P_LANES_BINARY']) {
			if (before[name] === undefined) {
				delete process.env[name];
			} else {
				process.env[name] = before[name];
			}
		}

		Object.defineProperty(process, 'versions', {value: versions});
	});

	test('is the addon where it loads, and WebAssembly is not touched', () => {
		assert.deepEqual(choose(loads, never), {kind: 'addon', binding: addon, file: 'a.node', cause: undefined});
	});

	test('is WebAssembly where the addon does not load, with its error as the cause', () => {
		assert.deepEqual(choose(fails, hasWasm), {
			kind: 'wasm',
			binding: {cause: refused},
			file: undefined,
			cause: refused,
		});
	});

	test('is the error of the addon where there is neither', () => {
		assert.throws(() => choose(fails, hasNone), refused);
	});

	test('is forced by P_LANES_BINDING', () => {
		process.env.P_LANES_BINDING = 'addon';
		assert.throws(() => choose(fails, never), refused);
		process.env.P_LANES_BINDING = 'wasm';
		assert.match(choose(never, hasWasm).cause.message, /P_LANES_BINDING=wasm/);
		assert.throws(() => choose(never, hasNone), /npm run build:wasm/);
		process.env.P_LANES_BINDING = 'other';
		assert.throws(() => choose(never, never), /must be 'addon' or 'wasm', got 'other'/);
	});

	test('is nothing else where P_LANES_BINARY names an addon', () => {
		process.env.P_LANES_BINARY = 'mine.node';
		assert.equal(choose(loads, never).binding, addon);
		assert.throws(() => choose(fails, never), refused);
	});

	test('is WebAssembly in Bun, unless the addon is asked for', () => {
		Object.defineProperty(process, 'versions', {value: {...versions, bun: '1.3.0'}});
		const {kind, cause} = choose(never, hasWasm);
		assert.equal(kind, 'wasm');
		assert.ok(cause instanceof NoBinaryError);
		assert.match(cause.message, /Bun 1\.3\.0/);
		process.env.P_LANES_BINDING = 'addon';
		assert.equal(choose(loads, never).kind, 'addon');
	});
});

describe('WebAssembly in place of the addon', needsModule, () => {
	test('runs limits, and what needs threads has the reason as its cause', t => {
		const folder = newFolder();
		t.after(() => {
			rmSync(folder, {recursive: true});
		});
		writeFileSync(path.join(installPackage(folder), 'p-lanes.wasm'), readModule());
		const {stdout, stderr} = runIn(
			folder,
			`const pLimit = require('p-lanes');
			pLimit(1).map([1, 2], item => 2 * item).then(results => {
				console.log(results.join());
				try {
					new pLimit.Pool({filename: 'data:text/javascript,export default x => x'});
				} catch (error) {
					console.log(error instanceof pLimit.NoBinaryError, /@p-lanes.* is not installed/.test(error.cause?.message));
				}
			});`,
		);
		assert.equal(stdout, '2,4\ntrue true', stderr);
		assert.equal(stderr, '');
	});
});
