// Vitest in its pools, and with jsdom.

import {copyTests, env} from '../runners/copy.mjs';

const run = (name, title, options) => ({
	group: 'test runner',
	name: `vitest-${name}`,
	title: `Vitest, ${title}`,
	packages: {vitest: '4', jsdom: '26'},
	check(place) {
		copyTests(place, '.test.mjs');
		place.bin('vitest', ['run', '--dir', 'tests', ...options], {env});
		return {version: place.versionOf('vitest'), uses: 'addon'};
	},
});

export default [
	...['forks', 'threads', 'vmForks', 'vmThreads'].map(pool =>
		run(pool.toLowerCase(), `pool \`${pool}\``, ['--pool', pool]),
	),
	run('jsdom', 'environment `jsdom`', ['--environment', 'jsdom']),
];
