// Vitest in its pools, with jsdom, and in a browser.

import {chromium} from '../../browser/chromium.mjs';
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

/** In a page there is no Node: the tests of the other rows need it. */
const IN_A_PAGE = `
import pLimit from 'p-lanes';
import {expect, test} from 'vitest';

test('limits in a page', async () => {
	expect(typeof document).toBe('object');
	const limit = pLimit({concurrency: 2, rate: {limit: 1000, interval: 1000}});
	expect(await limit.offline.map([1, 2, 3], async item => item * 2)).toEqual([2, 4, 6]);
	expect(() => new pLimit.Pool({filename: 'work.js'})).toThrow(pLimit.NoBinaryError);
});
`;

const configOf = executablePath => `
import {playwright} from '@vitest/browser-playwright';

const launchOptions = {executablePath: ${JSON.stringify(executablePath)}, args: ['--no-sandbox']};
export default {
	test: {
		browser: {
			enabled: true,
			headless: true,
			provider: playwright({launchOptions}),
			instances: [{browser: 'chromium'}],
			screenshotFailures: false,
		},
	},
};
`;

const browser = {
	group: 'test runner',
	name: 'vitest-browser',
	title: 'Vitest, browser mode',
	packages: {vitest: '4', '@vitest/browser-playwright': '4', playwright: '1'},
	check(place) {
		const {command} = chromium();
		const executable = place.run('sh', ['-c', `command -v ${command}`]).trim();
		place.write({'vitest.config.mjs': configOf(executable), 'tests/page.test.mjs': IN_A_PAGE});
		place.bin('vitest', ['run', '--dir', 'tests']);
		return {version: place.versionOf('vitest'), uses: 'WebAssembly'};
	},
};

export default [
	...['forks', 'threads', 'vmForks', 'vmThreads'].map(pool =>
		run(pool.toLowerCase(), `pool \`${pool}\``, ['--pool', pool]),
	),
	run('jsdom', 'environment `jsdom`', ['--environment', 'jsdom']),
	browser,
];
