// The packages that look for a file: find-up calls locate-path, which calls p-locate, which calls p-limit.

const locate = `
	const names = Array.from({length: 35}, (_, index) => 'file-' + index);
	const events = [];
	const test = async name => {
		const number = Number(name.slice(5));
		events.push('begin ' + number);
		await delay((number * 7) % 5);
		events.push('end ' + number);
		if (number === 37) {
			throw new Error('no test of 37');
		}

		return number % 11 === 9;
	};

	const look = async (label, input, options) => {
		const answer = await pLocate(input, test, options).then(String, error => 'rejected: ' + error.message);
		console.log(label, answer);
	};

	(async () => {
		await look('one at a time', names, {concurrency: 1});
		console.log(events.join('; '));
		await look('four at a time', names, {concurrency: 4});
		await look('all at once', names);
		await look('promises', names.map(name => Promise.resolve(name)), {concurrency: 3});
		await look('none', ['file-1', 'file-2'], {concurrency: 2});
		await look('one that rejects', ['file-37', 'file-1', 'file-2'], {concurrency: 1});
		await look('an input that rejects', [Promise.reject(new Error('no input')), 'file-9'], {concurrency: 1});
		await look('nothing', [], {concurrency: 2});
	})();
`;

const locatePath = `
	(async () => {
		const paths = ['a/none', 'a/none.js', 'a/b/c/file', 'a/b', 'a/link', 'a/package.json'];
		for (const options of [{}, {type: 'directory'}, {concurrency: 1}, {allowSymlinks: false}, {cwd: 'a'}, {preserveOrder: false}]) {
			console.log(JSON.stringify(options), await locatePath(paths, options));
		}

		const many = Array.from({length: 200}, (_, index) => 'none-' + index);
		console.log(await locatePath([...many, 'a/package.json'], {concurrency: 8}));
	})();
`;

const findUp = `
	const relative = found => found === undefined ? 'nothing' : path.relative('.', found).replaceAll(path.sep, '/');
	(async () => {
		for (const cwd of ['a/b/c', 'a/b', 'a', '.']) {
			for (const names of ['package.json', ['none', 'file', 'package.json'], 'none-at-all', 'b']) {
				console.log(cwd, String(names), relative(await findUp(names, {cwd})));
			}

			console.log(cwd, 'folder b', relative(await findUp('b', {cwd, type: 'directory'})));
		}

		console.log('at once', (await Promise.all(
			Array.from({length: 30}, (_, index) => findUp(index % 2 === 0 ? 'package.json' : ['x', 'y', 'file'], {cwd: 'a/b/c'})),
		)).map(relative));
	})();
`;

const tree = {'package.json': '{}\n', 'a/package.json': '{}\n', 'a/b/c/file': 'text\n'};

const script = (isModule, imports, body) => {
	const lines = imports.map(([what, from]) =>
		isModule ? `import ${what} from '${from}';` : `const ${what.replaceAll(' as ', ': ')} = require('${from}');`,
	);
	return {[isModule ? 'run.mjs' : 'run.cjs']: `${lines.join('\n')}\n${body}`};
};

const pathImport = ['path', 'node:path'];
const delayImport = ['{setTimeout as delay}', 'node:timers/promises'];

const toCase = (name, does, isModule, imports, body) => version => ({
	packages: {[name]: version},
	does,
	files: {...tree, ...script(isModule, imports, body)},
	steps: [['node', isModule ? 'run.mjs' : 'run.cjs']],
});

const locateCase = isModule =>
	toCase('p-locate', 'looks through lists, with failures', isModule, [['pLocate', 'p-locate'], delayImport], locate);

const locatePathCase = isModule =>
	toCase(
		'locate-path',
		'looks for files and folders',
		isModule,
		[[isModule ? '{locatePath}' : 'locatePath', 'locate-path']],
		locatePath,
	);

const findUpCase = isModule =>
	toCase(
		'find-up',
		'looks for files upward, also 30 times at once',
		isModule,
		[pathImport, [isModule ? '{findUp}' : 'findUp', 'find-up']],
		findUp,
	);

export default [
	...['4.1.0', '5.0.0'].map(locateCase(false)),
	...['6.0.0', '7.0.0'].map(locateCase(true)),
	...['5.0.0', '6.0.0'].map(locatePathCase(false)),
	...['7.2.0', '8.0.0'].map(locatePathCase(true)),
	...['4.1.0', '5.0.0'].map(findUpCase(false)),
	...['6.3.0', '7.0.0', '8.0.0'].map(findUpCase(true)),
];
