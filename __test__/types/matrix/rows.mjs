// The settings under which the types are compiled: see `run.mjs`.

/** Ways to look a module up, and the file that a program is in. */
const resolutions = {
	node10: {options: {module: 'commonjs', moduleResolution: 'node', esModuleInterop: true}},
	bundler: {options: {module: 'esnext', moduleResolution: 'bundler'}},
	node16: {options: {module: 'node16'}, extension: 'mts'},
	nodenext: {options: {module: 'nodenext'}, extension: 'mts'},
	'nodenext, type: module': {options: {module: 'nodenext'}, type: 'module'},
};

const row = (typescript, resolution, settings, programs, {nodeTypes, ...options} = {}) => {
	const {options: lookUp, ...project} = resolutions[resolution];
	return {
		name: `TypeScript ${typescript}, ${resolution}, ${settings}`,
		typescript,
		programs,
		nodeTypes,
		...project,
		options: {target: 'es2018', ...lookUp, ...options},
	};
};

const none = {types: []};
const withNode = {types: ['node'], nodeTypes: '@types/node', lib: ['es2023']};

export const rows = [
	// Without the types of Node and of the web.
	row('4.7', 'node10', 'lib es2015', ['swap'], {...none, lib: ['es2015'], target: 'es2015'}),
	row('4.7', 'node10', 'lib es2022', ['swap', 'bare'], {...none, lib: ['es2022']}),
	row('5.4', 'node10', 'lib es2018', ['swap', 'bare'], {...none, lib: ['es2018']}),
	row('5.4', 'bundler', 'lib es2018', ['swap', 'bare'], {...none, lib: ['es2018']}),
	row('5.4', 'node16', 'lib es2022', ['swap', 'rest', 'entries'], {...none, lib: ['es2022'], target: 'es2022'}),
	row('5.9', 'node10', 'lib es2018', ['swap'], {...none, lib: ['es2018']}),
	row('5.9', 'nodenext', 'lib esnext', ['swap', 'rest', 'entries', 'streams', 'bare'], {
		...none,
		lib: ['esnext'],
		target: 'es2022',
		exactOptionalPropertyTypes: true,
	}),
	row('latest', 'bundler', 'lib es2015', ['swap'], {...none, lib: ['es2015'], target: 'es2015'}),
	row('latest', 'nodenext', 'lib esnext', ['swap', 'rest', 'entries', 'streams', 'bare'], {
		...none,
		lib: ['esnext'],
		target: 'es2022',
	}),

	// The default settings of a version: of 7, no `types` at all, though those of Node are installed.
	row('5.4', 'node10', 'its defaults', ['swap', 'rest', 'web', 'entries'], {target: 'es2020'}),
	row('5.9', 'bundler', 'its defaults', ['swap', 'rest', 'web'], {target: 'es2020'}),
	row('latest', 'nodenext', 'its defaults', ['swap', 'rest', 'entries', 'web'], {
		target: 'es2024',
		nodeTypes: '@types/node',
	}),
	row('latest', 'bundler', 'its defaults', ['swap', 'rest', 'entries', 'web'], {
		target: 'es2024',
		nodeTypes: '@types/node',
	}),

	// With the web.
	row('4.7', 'node10', 'lib dom', ['swap'], {...none, lib: ['es2020', 'dom']}),
	row('5.4', 'bundler', 'lib dom', ['swap', 'rest', 'web', 'entries'], {
		...none,
		lib: ['es2020', 'dom'],
		target: 'es2020',
	}),
	row('5.9', 'nodenext, type: module', 'lib dom and esnext', ['swap', 'rest', 'entries', 'streams', 'web'], {
		...none,
		lib: ['esnext', 'dom', 'dom.iterable'],
		target: 'es2022',
	}),
	row('latest', 'bundler', 'lib webworker', ['swap', 'rest'], {...none, lib: ['esnext', 'webworker']}),

	// With the types of Node.
	row('5.4', 'node10', 'with Node', ['swap', 'rest', 'node', 'entries'], {...withNode, target: 'es2022'}),
	row('5.9', 'node16', 'with Node', ['swap', 'rest', 'entries', 'node', 'streams'], {...withNode, target: 'es2022'}),
	row('5.9', 'bundler', 'with Node and dom', ['swap', 'rest', 'entries', 'node'], {
		...withNode,
		lib: ['esnext', 'dom'],
		target: 'es2022',
	}),
	row('5.9', 'nodenext', 'with Node 26', ['swap', 'rest', 'node'], {
		...withNode,
		target: 'es2022',
		nodeTypes: 'types-node-26',
	}),
	row('latest', 'nodenext', 'with Node 26', ['swap', 'rest', 'entries', 'node', 'streams'], {
		...withNode,
		target: 'es2024',
		nodeTypes: 'types-node-26',
	}),
	row('latest', 'nodenext', 'with Node', ['swap', 'rest', 'entries', 'node', 'streams'], {
		...withNode,
		target: 'es2024',
		exactOptionalPropertyTypes: true,
	}),
	row('latest', 'bundler', 'with Node and dom', ['swap', 'rest', 'entries', 'node'], {
		...withNode,
		lib: ['esnext', 'dom'],
		target: 'es2024',
	}),
];
