// The test suites of p-limit as cases. The npm package does not have them, so they are read from a clone of its repository.

import {execFileSync} from 'node:child_process';

/** Tools that are no part of the tests. */
const TOOLS = ['xo', 'tsd', 'tsd-check'];

/** A call counts as pending for one microtask more before version 7. This test reads the counts in that microtask. */
const COUNTS = 'activeCount and pendingCount properties';

/** Version 2 answers a wrong concurrency with a rejected promise, later versions and p-lanes throw. */
const WRONG_CONCURRENCY = 'throws on invalid concurrency argument';

/** Stands in for the package that measures time, since a busy machine takes longer than the one test that uses it allows. */
const timeSpan = isModule => ({
	'node_modules/time-span/package.json': JSON.stringify({
		name: 'time-span',
		main: 'index.js',
		...(isModule ? {type: 'module'} : {}),
	}),
	'node_modules/time-span/index.js': `${isModule ? 'export default' : 'module.exports ='} () => () => 600;\n`,
});

/** Versions, where their tests are, and the tests that are known to fail with p-lanes. */
const SUITES = [
	{version: '2.3.0', ref: 'v2.3.0', failing: [WRONG_CONCURRENCY]},
	{version: '3.1.0', ref: 'v3.1.0', failing: [COUNTS]},
	{version: '4.0.0', ref: 'v4.0.0', failing: [COUNTS]},
	{version: '5.0.0', ref: 'v5.0.0', failing: [COUNTS]},
	{version: '6.2.0', ref: 'v6.2.0', failing: [COUNTS]},
	// On Node 20 the suite takes no DOMException for an error.
	{version: '7.3.1', ref: 'df476048d023ff868cd45b35ee47f5fb0ca2b25a', failing: [], node: '24'},
];

const toCase = (repository, {version, ref, failing, node}) => {
	const read = file => execFileSync('git', ['-C', repository, 'show', `${ref}:${file}`], {encoding: 'utf8'});
	const {devDependencies, type, imports} = JSON.parse(read('package.json'));
	const isModule = type === 'module';
	return {
		packages: {
			'p-limit': version,
			...Object.fromEntries(Object.entries(devDependencies).filter(([name]) => !TOOLS.includes(name))),
		},
		node,
		does: 'runs its own test suite',
		files: {
			'package.json': JSON.stringify({private: true, type, imports}),
			'index.js': isModule
				? "export * from 'p-limit';\nexport {default} from 'p-limit';\n"
				: "module.exports = require('p-limit');\n",
			'async-hooks-node.js': "export {AsyncLocalStorage} from 'node:async_hooks';\n",
			...timeSpan(isModule),
			'test.js': read('test.js'),
		},
		steps: [
			['ava', '--tap', '--serial', ...failing.map(title => `--match=!${title}`)],
			...failing.map(title => ({run: ['ava', '--tap', `--match=${title}`], lanesStatus: 1})),
		],
		scrub: [[/\bok \d+/g, 'ok']],
		sortLines: true,
		calls: 'some',
	};
};

/** Returns the cases for the suites in a clone of p-limit. */
export const suitesOf = repository => SUITES.map(suite => toCase(repository, suite));
