'use strict';

const assert = require('node:assert/strict');
const {cpSync, readFileSync, writeFileSync} = require('node:fs');
const path = require('node:path');
const {test} = require('node:test');
const {examples, folderFor, run} = require('./program.js');

/** Writes its target's name to a log when it begins and when it ends, and lets some time pass between. */
const STEP = `
	const fs = require('node:fs');
	const name = process.argv[2];
	fs.appendFileSync('log', '+' + name + '\\n');
	if (name.startsWith('bad')) {
		console.error('can not build ' + name);
		process.exit(3);
	}
	setTimeout(() => fs.appendFileSync('log', '-' + name + '\\n'), 30);
`;

/** Builds targets that are given by what they need. Gives what the program said, and the log of the commands. */
const build = async (t, graph, args = []) => {
	const folder = folderFor(t);
	writeFileSync(path.join(folder, 'step.cjs'), STEP);
	writeFileSync(path.join(folder, 'log'), '');
	const targets = Object.entries(graph).map(([name, needs]) => [name, {needs, run: `node step.cjs ${name}`}]);
	const file = path.join(folder, 'build.json');
	writeFileSync(file, JSON.stringify(Object.fromEntries(targets)));
	const ended = await run(t, 'build-tool/build.mjs', ['--file', file, ...args]);
	return {...ended, log: readFileSync(path.join(folder, 'log'), 'utf8').split('\n').filter(Boolean)};
};

/** The most commands that ran at a time. */
const mostOf = log => {
	let running = 0;
	let most = 0;
	for (const [sign] of log) {
		running += sign === '+' ? 1 : -1;
		most = Math.max(most, running);
	}

	return most;
};

test('the site of the example', async t => {
	const folder = path.join(folderFor(t), 'site');
	cpSync(path.join(examples, 'build-tool', 'site'), folder, {recursive: true});
	const {code, stdout, stderr} = await run(t, 'build-tool/build.mjs', [], {cwd: folder});
	assert.equal(stderr, '');
	assert.equal(code, 0);
	const order = stdout.trim().split('\n');
	assert.deepEqual(order.slice(0, 2), ['built: menu', 'built: frame']);
	assert.deepEqual(order.slice(2, 5).sort(), ['built: imprint', 'built: index', 'built: news']);
	assert.deepEqual(order.slice(5), ['built: site']);
	assert.match(readFileSync(path.join(folder, 'out', 'site.html'), 'utf8'), /Welcome.*<nav>.*News.*<nav>/s);
});

test('a target is built once, and behind what it needs', async t => {
	const graph = {top: ['left', 'right'], left: ['base'], right: ['base', 'left'], base: []};
	const {code, log} = await build(t, graph, ['--jobs', '2']);
	assert.equal(code, 0);
	assert.deepEqual(log, ['+base', '-base', '+left', '-left', '+right', '-right', '+top', '-top']);
});

test('one slot is enough for a chain of any length', async t => {
	const graph = {};
	for (let depth = 0; depth < 6; depth++) {
		graph[`t${depth}`] = depth === 5 ? [] : [`t${depth + 1}`];
	}

	const {code, log, stderr} = await build(t, graph, ['--jobs', '1', 't0']);
	assert.equal(stderr, '');
	assert.equal(code, 0);
	const expected = Object.keys(graph)
		.reverse()
		.flatMap(name => [`+${name}`, `-${name}`]);
	assert.deepEqual(log, expected);
});

test('no more commands at once than there are jobs', async t => {
	const graph = {all: []};
	for (let index = 0; index < 8; index++) {
		graph.all.push(`t${index}`);
		graph[`t${index}`] = [];
	}

	const {code, log} = await build(t, graph, ['--jobs', '3', 'all']);
	assert.equal(code, 0);
	assert.equal(log.length, 18);
	assert.ok(mostOf(log) <= 3, log.join(' '));
});

test('a failure stops what needs it, and nothing else', async t => {
	const graph = {top: ['middle', 'fine'], middle: ['bad'], other: ['bad'], bad: [], fine: []};
	const {code, log, stdout, stderr} = await build(t, graph);
	assert.equal(code, 1);
	assert.deepEqual([...log].sort(), ['+bad', '+fine', '-fine']);
	assert.equal(stdout, 'built: fine\n');
	assert.match(stderr, /failed: bad: Command failed: node step.cjs bad\ncan not build bad/);
	assert.match(stderr, /left out: middle \(it needs bad\)/);
	assert.match(stderr, /left out: top \(it needs middle\)/);
});

test('a build file that can not be used', async t => {
	for (const [graph, args, message] of [
		[{a: ['b'], b: ['c'], c: ['b']}, [], /targets need each other: b -> c -> b/],
		[{a: ['b']}, [], /target 'a' needs 'b', which is no target/],
		[{a: [1]}, [], /target 'a' must be/],
		[{a: []}, ['b'], /'b' is no target; there are a/],
		[{a: []}, ['--jobs', 'all'], /--jobs must be a whole number from 1, got 'all'/],
		[{a: []}, ['--jbos', '1'], /--jbos/],
	]) {
		const {code, log, stderr} = await build(t, graph, args);
		assert.match(stderr, message);
		assert.match(stderr, /Usage: /);
		assert.equal(code, 2);
		assert.deepEqual(log, []);
	}
});
