'use strict';

// In place of `node:test`, in a page: the specs that are loaded, run one after another.

class Suite {
	before = [];
	after = [];
	beforeEach = [];
	afterEach = [];
	entries = [];

	constructor(name, parent) {
		this.name = name;
		this.parent = parent;
	}
}

let current = new Suite('');
const root = current;

/** Reads `(name, options, fn)`, of which `options` may be left out. */
const read = (name, options, fn) =>
	typeof options === 'function' ? {name, options: {}, fn: options} : {name, options, fn};

const describe = (...args) => {
	const {name, options, fn} = read(...args);
	const suite = new Suite(name, current);
	current.entries.push({suite, options});
	current = suite;
	try {
		fn();
	} finally {
		current = suite.parent;
	}
};

const test = (...args) => {
	current.entries.push({test: read(...args)});
};

/** Adds a hook of that kind to the suite. */
const hook = kind => fn => {
	current[kind].push(fn);
};

test.skip = describe.skip = () => {};

const callAll = async (fns, ...args) => {
	for (const fn of fns) {
		await fn(...args);
	}
};

const hooksOf = (suite, kind) => (suite === undefined ? [] : [...hooksOf(suite.parent, kind), ...suite[kind]]);

let isLeftOut;

const runTest = async (suite, {fn}) => {
	const cleanups = [];
	const context = {after: cleanup => cleanups.push(cleanup), diagnostic() {}};
	try {
		await callAll(hooksOf(suite, 'beforeEach'));
		await fn(context);
	} finally {
		await callAll(cleanups);
		await callAll(hooksOf(suite, 'afterEach'));
	}
};

const pathOf = suite => (suite.parent === undefined ? [] : [...pathOf(suite.parent), suite.name]);

/** Runs a suite, and adds to `results`: `{passed, skipped, needAddon, failed: [{name, error}]}`. */
const runSuite = async (suite, results, report) => {
	const fail = (name, error) => {
		// It met the error, or got it in place of another one.
		if (/ERR_NO_BINARY|NoBinaryError/.test(`${error?.code} ${error?.stack}`)) {
			results.needAddon++;
			return;
		}

		results.failed.push({name: [...pathOf(suite), name].join(' > '), error: String(error?.stack ?? error)});
	};
	try {
		await callAll(suite.before);
		for (const entry of suite.entries) {
			const {options} = entry.test ?? entry;
			if (options.skip || (entry.test !== undefined && isLeftOut([...pathOf(suite), entry.test.name].join(' > ')))) {
				results.skipped++;
			} else if (entry.suite !== undefined) {
				await runSuite(entry.suite, results, report);
			} else {
				const {name} = entry.test;
				report([...pathOf(suite), name].join(' > '));
				await runTest(suite, entry.test).then(
					() => {
						results.passed++;
					},
					error => fail(name, error),
				);
			}
		}

		await callAll(suite.after);
	} catch (error) {
		fail('(a hook)', error);
	}
};

/**
 * Runs all tests but those whose names match one of the patterns. `report(name)` is told of each before it begins.
 */
const runAll = async (leftOut, report) => {
	isLeftOut = name => leftOut.some(pattern => pattern.test(name));
	const results = {passed: 0, skipped: 0, needAddon: 0, failed: []};
	await runSuite(root, results, report);
	return results;
};

module.exports = Object.assign(test, {
	after: hook('after'),
	afterEach: hook('afterEach'),
	before: hook('before'),
	beforeEach: hook('beforeEach'),
	describe,
	it: test,
	runAll,
	test,
});
