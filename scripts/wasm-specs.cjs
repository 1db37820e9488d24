'use strict';

// The specs where WebAssembly stands in for the addon: what is left out of them, because it needs threads. `run-specs.mjs
// --binding wasm` loads this before each spec.
//
// Many specs run the same on a plain limit, a named one and a pool. So a test that meets the `ERR_NO_BINARY` of one of the
// features below is skipped, and says so in the report. All other errors fail it, as everywhere.

const nodeTest = require('node:test');

/** Folders and files of specs that are left out as a whole. */
const LEFT_OUT = [
	['pool', 'shared', 'adaptive/shared.test.js', 'rate/threads.test.js', 'workers.test.js', 'kernels/workers.test.js'], // threads
	['binding'], // the addon
	['live/entries.test.js', 'live/page.test.js', 'observability/progress.test.js'], // a package; pools beside limits
	['cli', 'docs', 'examples', 'demo.test.js', 'downstream.test.js', 'layout.test.js', 'report.test.js'], // not of a binding
].flat();

/** Tests that leave no error to go by. */
const TITLES = [
	/^for every way at once, also of limits, pools and kernels together$/,
	/^time goes on while the event loop is busy/, // a thread watches it
	/^pool: workerData that can not be sent$/,
];

/**
 * How the errors of what needs threads begin (`lib/binding/wasm/create.js`), and of what Node has no kernel for, also as a
 * program prints them.
 */
const NEEDS_THREADS =
	/(^|NoBinaryError: )(a limit with a `name`|a `Pool`|`configureKernels`|(blake3|xxh3-\d+|zstd|crc32) needs the native addon)/;

/** Whether it is such an error, its code or message, or what a program printed that ended by it. */
const isOfThreads = value =>
	value === 'ERR_NO_BINARY' ||
	[value, value?.message].some(text => typeof text === 'string' && NEEDS_THREADS.test(text));

/** Whether a test has failed because of threads that there are not, or got such an error in place of another. */
const needsThreads = error => [error, error?.cause, error?.actual].some(each => isOfThreads(each));

const guarded = body =>
	async function (t, ...rest) {
		const {test} = t;
		if (test !== undefined) {
			t.test = guardedTest(test.bind(t));
		}

		try {
			return await Reflect.apply(body, this, [t, ...rest]);
		} catch (error) {
			if (!needsThreads(error)) {
				throw error;
			}

			t.skip('needs threads');
		}
	};

/** A function such as `test`, whose last argument is the body. */
const guardedTest = test =>
	Object.assign(
		(...args) =>
			(TITLES.some(title => title.test(args[0])) ? test.skip : test)(
				...args.map(arg => (typeof arg === 'function' && arg.length < 2 ? guarded(arg) : arg)),
			),
		test,
	);

if (process.env.NODE_TEST_CONTEXT !== undefined) {
	nodeTest.test = guardedTest(nodeTest.test);
	nodeTest.it = guardedTest(nodeTest.it);
}

module.exports = {LEFT_OUT};
