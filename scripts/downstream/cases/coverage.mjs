// mocha, nyc and c8 look for their configuration with find-up. mocha and c8 call only its synchronous form, which does without p-limit.

const files = {
	'package.json':
		'{"private": true, "name": "covered", "mocha": {"spec": ["test/**/*.spec.js"]}, "nyc": {"all": true}, "c8": {"all": true}}\n',
	'lib/sum.js': `exports.sum = (a, b) => a + b;\nexports.sign = value => {\n\tif (value < 0) {\n\t\treturn -1;\n\t}\n\n\treturn value > 0 ? 1 : 0;\n};\n`,
	'lib/unused.js': 'exports.unused = () => 1;\n',
	...Object.fromEntries(
		Array.from({length: 8}, (_, index) => [
			`test/folder-${index % 3}/test-${index}.spec.js`,
			`const assert = require('node:assert');
const {sum, sign} = require('../../lib/sum.js');
describe('file ${index}', () => {
	for (let value = 0; value < 10; value++) {
		it('adds ' + value, async () => assert.strictEqual(await sum(value, ${index}), value + ${index}));
	}
	it('knows the sign', () => assert.strictEqual(sign(${index - 3}), Math.sign(${index - 3})));
	it.skip('is left out', () => {});
});
`,
		]),
	),
};

// mocha prints how long a test took only where it was slow.
const scrub = [
	[/ ?\(\d+m?s\)/g, ''],
	[/"duration":\s*\d+|"(?:start|end|speed)": "[^"]*"|\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME'],
];
const mocha = '10.8.2';

export default [
	{
		packages: {mocha},
		does: 'runs 8 files of tests, one after the other and in parallel',
		files,
		steps: [
			['mocha', '--sort'],
			['mocha', '--parallel', '--jobs', '2'],
			['mocha', '--sort', '--reporter', 'json'],
		],
		scrub,
		// Files that run in parallel end in any order.
		sortLines: true,
		calls: 'none',
	},
	{
		packages: {nyc: '17.1.0', mocha},
		does: 'runs the tests and reports their coverage',
		files,
		steps: [
			['nyc', '--reporter=text', '--reporter=lcov', '--reporter=json', 'mocha'],
			['nyc', 'report', '--reporter=text-summary'],
			{run: ['nyc', 'check-coverage', '--lines', '100'], status: 1},
		],
		scrub,
		ignore: [/^\.nyc_output\//],
	},
	{
		packages: {c8: '10.1.3', mocha},
		does: 'runs the tests and reports their coverage',
		files,
		steps: [['c8', '--reporter=text', '--reporter=json', 'mocha']],
		scrub,
		ignore: [/^coverage\/tmp\//],
		calls: 'none',
	},
];
