// Which specs the sanitizer watches.

const HEAP = 'it measures the JavaScript heap, over millions of calls';

/** Specs that ask what the sanitizer changes, with the reason. */
export const UNFIT = {
	'__test__/demo.test.js': 'it is about how much is done in a time',
	'__test__/leaks.test.js': HEAP,
	'__test__/flow/leaks.test.js': HEAP,
	'__test__/pool/leaks.test.js': HEAP,
	'__test__/pool/threads.test.js': 'it has a worker with an `env` of its own, which does not name the addon',
};

/** How the paths of those of the short form begin: where bytes, threads and memory cross between JS and Rust. */
export const SHORT = [
	'__test__/kernels/',
	'__test__/pool/',
	'__test__/shared/exits',
	'__test__/shared/stress',
	'__test__/workers',
];
