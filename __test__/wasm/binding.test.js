'use strict';

// What is special about the WebAssembly binding: panics, instances that are collected, and what there is not.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {loadAddon} = require('../../lib/binding/addon.js');
const {createWasmBinding} = require('../../lib/binding/wasm/create.js');
const {run} = require('../script.js');
const {needsModule, readModule} = require('./module.js');

const {addon} = loadAddon();

/** What only the loader of the addon asks for (`lib/binding/copies.js`). */
const OF_ADDON = ['VERSION', 'earlierCopies', 'isFirstWarning'];

const THREADED = {
	'a pool': binding => new binding.NativePool({}),
	'a kernel': binding => new binding.KernelPort(() => {}),
	configure: binding => binding.configureKernels(1),
	'a worker': binding => binding.enterPool(1, 1, false, () => {}),
	'a function of a worker': binding => binding.describeFunction(1, 1),
	'the threads of libuv': binding => binding.startLibuvThreads(),
	'a limit with a name': binding => new binding.Port().onMessages(() => {}),
};

describe('the WebAssembly binding', needsModule, () => {
	const create = options => createWasmBinding({bytes: readModule(), ...options});

	test('has all that the addon has', () => {
		const binding = create();
		assert.deepEqual(
			Object.keys(addon).filter(name => !(name in binding || OF_ADDON.includes(name))),
			[],
		);
		assert.deepEqual(binding.bucketBounds(), addon.bucketBounds());
		assert.match(binding.FINGERPRINT, /^[0-9a-f]{16}$/);
	});

	test('takes a module that was compiled before', () => {
		const module = new WebAssembly.Module(readModule());
		const ports = [1, 2].map(() => new (createWasmBinding({module}).Port)());
		assert.deepEqual(
			ports.map(port => port.createLocal({concurrency: 1})),
			[0, 0],
			'each has gates of its own',
		);
	});

	for (const [what, use] of Object.entries(THREADED)) {
		test(`has no threads for ${what}, and says why`, () => {
			const cause = new Error('the addon does not load');
			for (const [binding, expected] of [
				[create({cause}), cause],
				[create(), undefined],
			]) {
				assert.throws(
					() => use(binding),
					error => {
						assert.equal(error.code, 'ERR_NO_BINARY');
						assert.match(error.message, / needs the native addon of p-lanes/);
						assert.equal(error.cause, expected);
						assert.equal(error.message.endsWith(`\n${cause.message}`), expected !== undefined);
						return true;
					},
				);
			}
		});
	}

	test('makes an error of a panic, with its message, then and in all later calls', () => {
		const binding = create();
		const port = new binding.Port();
		const hot = port.hotCalls();
		const gate = port.createLocal({concurrency: 1});
		const panicked = {name: 'Error', code: 'ERR_INTERNAL', message: 'a panic of a test'};
		for (let i = 0; i < 20_000; i++) {
			assert.throws(() => binding.panic(), panicked); // many: the stack is set back each time
		}

		assert.throws(() => hot.next(), panicked);
		assert.throws(() => port.stats(gate), panicked);
		assert.throws(() => port.pause(gate), panicked);
	});

	test('makes an error of a panic in the middle of a call', () => {
		const port = new (create().Port)();
		assert.throws(() => port.stats(7), {code: 'ERR_INTERNAL', message: 'no gate 7'});
		assert.throws(() => port.createLocal({concurrency: 1}), {code: 'ERR_INTERNAL', message: 'no gate 7'});
	});

	test('refuses many calls, and stays as it is', () => {
		const port = new (create().Port)();
		const hot = port.hotCalls();
		const gate = port.createLocal({concurrency: 1, maxOnline: 0});
		hot.ints.set([gate, 0]);
		hot.enqueue();
		assert.equal(hot.ints[0], 0);
		for (let i = 0; i < 20_000; i++) {
			hot.ints.set([gate, 0]);
			assert.throws(() => hot.enqueue(), {code: 'ERR_QUEUE_FULL'});
		}

		assert.equal(port.stats(gate).online.refused, 20_000);
	});

	// Whole copies of the package are collected in `lifetimes.test.js`.
	test('is collected when nobody uses it any more', () => {
		const [alive, buffers] = JSON.parse(
			run(`
				const {createWasmBinding} = require('./lib/binding/wasm/create.js');
				const module = new WebAssembly.Module(require('node:fs').readFileSync('p-lanes.wasm'));
				const use = () => {
					const {Port} = createWasmBinding({module});
					const port = new Port();
					port.leases = [port.addLeases()];
					port.createLocal({concurrency: 1, rate: {limit: 1, interval: 1}});
					return new WeakRef(port);
				};
				const ports = [];
				for (let i = 0; i < 40; i++) {
					ports.push(use());
					await new Promise(setImmediate);
				}
				await collect();
				console.log(JSON.stringify([
					ports.filter(port => port.deref() !== undefined).length,
					process.memoryUsage().arrayBuffers,
				]));
			`),
		);
		assert.ok(alive <= 2, `${alive} of 40 are left`);
		assert.ok(buffers < 10 * 2 ** 20, `${buffers} bytes are left`);
	});
});
