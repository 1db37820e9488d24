// eslint looks for its configuration with find-up, for each folder.

const code = index => `const unused = ${index};\nvar old = 1;\nif (old == 2) { alert("text") }\n`;

const files = {
	'package.json': '{"private": true}\n',
	'eslint.config.js': `module.exports = [{rules: {'no-unused-vars': 'warn', eqeqeq: 'error', 'no-var': 'error', 'prefer-const': 'error'}}];\n`,
	'deep/down/eslint.config.js': `module.exports = [{rules: {'no-undef': 'error'}}];\n`,
	...Object.fromEntries(
		Array.from({length: 30}, (_, index) => [`src/folder-${index % 6}/file-${index}.js`, code(index)]),
	),
	'deep/down/there/file.js': code(1),
};

const steps = [
	{run: ['eslint', '.'], status: 1},
	{run: ['eslint', '--format', 'json', 'src', 'deep'], status: 1},
	{run: ['eslint', '--fix', '.'], status: 1},
];

const toCase = version => ({
	packages: {eslint: version},
	does: 'lints 31 files in 8 folders, as text and JSON, and mends what it can',
	files,
	steps,
});

export default ['8.57.1', '9.39.1', '10.0.0'].map(toCase);
