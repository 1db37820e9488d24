// Makes the pages of the API from the types, by TypeDoc: site/api/*.md.

import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {Application} from 'typedoc';
import {api, root, site} from './places.mjs';

const sources = path.join(site, 'types');

/**
 * The types of the package as a module. `index.d.ts` is a function with a namespace, as `require` gives it, and TypeDoc would put
 * all of it under the name `export=`. In a module each export has a page with its own name.
 */
const flatten = text => {
	const replaceOnce = (from, to) => {
		const parts = text.split(from);
		if (parts.length !== 2) {
			throw new Error(`index.d.ts has ${parts.length - 1} times ${JSON.stringify(from)}, and not once`);
		}

		text = parts.join(to);
	};
	replaceOnce('\ndeclare function pLimit(', '\nexport declare function pLimit(');
	replaceOnce('\ndeclare namespace pLimit {\n', '\n');
	replaceOnce("'./entries/platform.js'", "'../../entries/platform.js'");
	replaceOnce('\n\texport {pLimit, pLimit as default};\n}\n\nexport = pLimit;\n', '\nexport {};\n');
	return text
		.replaceAll(/\bpLimit\.(?=[A-Z])/g, '')
		.replaceAll(/(@example\n\s*\* ```)\n/g, '$1js\n')
		.replaceAll(/^\t/gm, '');
};

/** The files of types of the package's entry points, by the names of these: `p-lanes`, `p-lanes/prometheus`. */
const entryPoints = () => {
	const {name, exports} = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
	return Object.entries(exports)
		.map(([entry, conditions]) => [path.posix.join(name, entry), conditions.require?.types])
		.filter(([, types]) => types !== undefined);
};

/** The same, with the flattened types of the package itself. */
const writeSources = () => {
	rmSync(sources, {recursive: true, force: true});
	mkdirSync(sources, {recursive: true});
	return entryPoints().map(([name, types]) => {
		const original = path.join(root, types);
		if (name !== 'p-lanes') {
			return [name, original];
		}

		const file = path.join(sources, 'index.d.ts');
		writeFileSync(file, flatten(readFileSync(original, 'utf8')));
		return [name, file];
	});
};

/** Types that others are made of, and that nobody names. */
const UNNAMED = [
	'AnyFunction',
	'DefaultExport',
	'DefaultFunction',
	'Elsewhere',
	'FunctionOf',
	'FunctionsAmong',
	'HashIn',
	'LaneOf',
	'ModuleFunctions',
	'Named',
	'PoolArguments',
	'ResultOfFunction',
	'SettleOptions',
	'TaskOfFunction',
	'Unnamed',
];

export const buildApi = async () => {
	const names = writeSources();
	const files = names.map(([, file]) => file);
	writeFileSync(
		path.join(sources, 'tsconfig.json'),
		JSON.stringify({
			compilerOptions: {
				module: 'nodenext',
				target: 'es2023',
				strict: true,
				noEmit: true,
				skipLibCheck: true,
				types: ['node'],
				typeRoots: [path.join(root, 'node_modules/@types')],
			},
			files,
		}),
	);
	const app = await Application.bootstrapWithPlugins({
		name: 'API',
		entryPoints: files,
		tsconfig: path.join(sources, 'tsconfig.json'),
		plugin: ['typedoc-plugin-markdown'],
		outputs: [{name: 'markdown', path: api}],
		cleanOutputDir: false,
		readme: 'none',
		entryFileName: 'index',
		disableSources: true,
		hidePageHeader: true,
		hideBreadcrumbs: files.length === 1,
		useCodeBlocks: true,
		parametersFormat: 'table',
		intentionallyNotExported: UNNAMED,
		skipErrorChecking: true,
		logLevel: 'Warn',
	});
	const points = app.getEntryPoints() ?? [];
	for (const point of points) {
		[point.displayName] = names.find(([, file]) => path.resolve(point.sourceFile.fileName) === file);
	}

	const project = app.converter.convert(points);
	if (points.length < files.length || app.logger.hasErrors()) {
		throw new Error('TypeDoc could not read the types');
	}

	rmSync(api, {recursive: true, force: true});
	await app.generateOutputs(project);
	if (app.logger.hasErrors()) {
		throw new Error('TypeDoc could not write the pages of the API');
	}
};
