'use strict';

// The layout of `lib/`: rooms import only from the rooms below them, and what not everybody uses is loaded late.

const assert = require('node:assert/strict');
const {execFileSync} = require('node:child_process');
const {readdirSync, readFileSync} = require('node:fs');
const path = require('node:path');
const process = require('node:process');
const {describe, it} = require('node:test');

const root = path.dirname(__dirname);
const lib = path.join(root, 'lib');

/** From the ground up. Rooms on one floor do not import each other. */
const FLOORS = [
	['common'],
	['binding'],
	['options'],
	['observe', 'responses'],
	['gate'],
	['call'],
	['map'],
	['stream'],
	['limit'],
	['pool', 'kernels'],
	['live', 'testing'],
	['cli'],
	['web'],
];

/** The files of the late rooms that every program loads: they load the others when they are first used. */
const FACES = ['kernels/exports.js', 'pool/move.js', 'pool/pool.js', 'pool/worker-context.js'];

const floorOf = room => FLOORS.findIndex(rooms => rooms.includes(room));
const roomOf = file => path.relative(lib, file).split(path.sep)[0];
const nameOf = file => path.relative(lib, file).split(path.sep).join('/');

const files = readdirSync(lib, {recursive: true, withFileTypes: true})
	.filter(entry => entry.isFile() && entry.name.endsWith('.js'))
	.map(entry => path.join(entry.parentPath ?? entry.path, entry.name));

const importsOf = file =>
	[...readFileSync(file, 'utf8').matchAll(/\brequire\('(\.[^']*)'\)/g)].map(([, name]) =>
		path.join(path.dirname(file), name),
	);

describe('the layout of lib', () => {
	it('has every file in a room', () => {
		assert.ok(files.length > 40);
		assert.deepEqual(
			files.filter(file => floorOf(roomOf(file)) < 0).map(file => nameOf(file)),
			[],
		);
	});

	it('has imports that lead down, or stay in the room', () => {
		const upward = [];
		let downward = 0;
		for (const file of files) {
			const room = roomOf(file);
			for (const imported of importsOf(file).filter(name => name.startsWith(lib))) {
				if (roomOf(imported) === room) {
					continue;
				}

				if (floorOf(roomOf(imported)) < floorOf(room)) {
					downward++;
				} else {
					upward.push(`${nameOf(file)} -> ${nameOf(imported)}`);
				}
			}
		}

		assert.deepEqual(upward, []);
		assert.ok(downward > 50);
	});

	it('says of every room what it is for', () => {
		for (const room of FLOORS.flat()) {
			const text = readFileSync(path.join(lib, room, 'README.md'), 'utf8');
			assert.match(text, /^# /);
			assert.match(text, /In: /);
			assert.match(text, /Out: /);
		}
	});

	it('takes timers, microtasks and the clock from one file', () => {
		// Biome forbids the globals (`biome.json`). These are the other ways to get a function that tests replace.
		const forbidden = [
			/require\('(node:)?(timers|timers\/promises|perf_hooks|vm)'\)/,
			/\bprocess\s*\.\s*(nextTick|hrtime)\b/,
			/\{[^}]*\bnextTick\b[^}]*\} = (require\('(node:)?process'\)|process)/,
			/\bglobalThis\s*\.|\bSymbol\.(asyncDispose|dispose)\b/,
		];
		const isAllowed = file => /^(common\/(environment|substitutes)\.js$|web\/)/.test(nameOf(file));
		assert.ok(files.some(file => isAllowed(file)));
		assert.deepEqual(
			files
				.filter(file => !isAllowed(file))
				.filter(file => forbidden.some(pattern => pattern.test(readFileSync(file, 'utf8'))))
				.map(file => nameOf(file)),
			[],
		);
	});

	it('loads streams, the pool and the kernels when they are first used, and all that is in the core', async () => {
		const script = `
			require(${JSON.stringify(path.join(root, 'index.js'))});
			console.log(JSON.stringify(Object.keys(require.cache)));
		`;
		const loaded = JSON.parse(execFileSync(process.execPath, ['-e', script], {encoding: 'utf8'}))
			.filter(file => file.startsWith(lib + path.sep))
			.map(file => nameOf(file));
		const {evaluatedWith} = await import('../scripts/bundle/sources.mjs');
		assert.deepEqual(['index.js', ...loaded.map(name => `lib/${name}`)].sort(), [...evaluatedWith('index.js')].sort());
		assert.ok(loaded.includes('gate/gate.js'));
		assert.deepEqual(loaded.filter(file => /^(stream|pool|kernels)\//.test(file)).sort(), FACES);
	});
});
