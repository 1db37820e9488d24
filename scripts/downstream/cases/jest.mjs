// jest-circus uses p-limit for `test.concurrent`, jest-runner for tests in workers, jest-changed-files for git.

const range = length => Array.from({length}, (_, index) => index);

const suite = number => `
const {AsyncLocalStorage} = require('node:async_hooks');
const sum = require('./sum.js');
const storage = new AsyncLocalStorage();
let running = 0;
let most = 0;

for (const index of [${range(12).join(', ')}]) {
	test.concurrent('concurrent ' + index, async () => {
		most = Math.max(most, ++running);
		await new Promise(resolve => setTimeout(resolve, index % 4));
		running--;
		await storage.run(index, async () => {
			await null;
			expect(storage.getStore()).toBe(index);
		});
		if (index === ${number}) {
			throw new Error('fails on purpose');
		}

		expect(sum(index, ${number})).toBe(index + ${number});
	});
}

test('at most three at once', () => expect(most).toBe(3));
test.each([[1, 2], [3, 4]])('of %i and %i', (a, b) => expect(sum(a, b)).toMatchSnapshot());
test.skip('left out', () => {});
`;

const reporter = `
module.exports = class {
	onRunComplete(_, {testResults, ...summary}) {
		const tests = testResults.flatMap(({testFilePath, testResults}) => testResults.map(
			({fullName, status, failureMessages}) => [testFilePath.split('/').pop(), fullName, status, failureMessages.map(text => text.split('\\n')[0])],
		)).sort((a, b) => String(a) < String(b) ? -1 : 1);
		for (const test of tests) {
			console.log(JSON.stringify(test));
		}

		console.log(summary.numPassedTests, summary.numFailedTests, summary.numPendingTests, summary.snapshot.added);
	}
};
`;

const toCase = (version, node) => ({
	packages: {jest: version},
	node,
	does: 'runs 6 files with concurrent tests: in one process, in workers, and those that git says have changed',
	files: {
		'package.json': JSON.stringify({
			private: true,
			jest: {
				maxConcurrency: 3,
				reporters: ['./reporter.js'],
				testEnvironment: 'node',
				cacheDirectory: './node_modules/.cache/jest',
			},
		}),
		'reporter.js': reporter,
		'.gitignore': 'node_modules\n',
		'sum.js': 'module.exports = (a, b) => a + b;\n',
		...Object.fromEntries(range(6).map(number => [`suite-${number}.test.js`, suite(number === 5 ? 3 : number + 20)])),
	},
	steps: [
		{run: ['jest', '--ci=false', '--runInBand'], status: 1},
		{run: ['jest', '--ci=false', '--maxWorkers=2'], status: 1},
		['git', 'init', '--quiet'],
		['git', 'add', '--all'],
		['git', 'commit', '--quiet', '--message=first'],
		['node', '-e', 'fs.appendFileSync("suite-1.test.js", "// changed\\n")'],
		['jest', '--onlyChanged', '--listTests'],
		['jest', '--onlyChanged'],
	],
});

export default [toCase('29.7.0'), toCase('30.2.0')];
