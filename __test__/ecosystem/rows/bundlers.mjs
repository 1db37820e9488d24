// Bundlers of programs for Node and for browsers, each in its default configuration.

import {
	expectBrowserBundle,
	expectBundle,
	expectBundledPage,
	expectBundledPool,
	expectExternalPool,
	moduleFolder,
	PROGRAMS,
	refuseWarnings,
} from '../bundling.mjs';
import {expectLimits} from '../programs.mjs';

const ENTRIES = ['limits.mjs', 'pool.mjs', 'pool-worker.mjs', 'live.mjs'];

const json = value => JSON.stringify(value);

/** Each bundler: what it needs, and `build(place, form)`, which writes into the folder `form`. */
const bundlers = {
	esbuild: {
		title: 'esbuild',
		packages: {esbuild: 'latest'},
		how: '`--platform=node`, or nothing for browsers',
		forms: ['esm', 'external', 'browser', 'cjs'],
		build(place, form) {
			const forms = {
				esm: ['--platform=node', '--format=esm', '--out-extension:.js=.mjs', ...ENTRIES],
				external: ['--platform=node', '--format=esm', '--external:p-lanes', '--out-extension:.js=.mjs', ...ENTRIES],
				browser: ['--format=esm', '--out-extension:.js=.mjs', 'limits.mjs'],
				cjs: ['--platform=node', '--format=cjs', '--out-extension:.js=.cjs', 'limits.mjs'],
			};
			return place.bin('esbuild', ['--bundle', `--outdir=${form}`, ...forms[form]], {withErrors: true});
		},
	},

	rollup: {
		title: 'Rollup',
		packages: {rollup: 'latest', '@rollup/plugin-node-resolve': 'latest', '@rollup/plugin-commonjs': 'latest'},
		how: "for Node: `resolve({exportConditions: ['node']})`; without it a bundle has WebAssembly",
		forms: ['esm', 'external', 'browser'],
		build(place, form) {
			const resolve = form === 'browser' ? 'browser: true' : "exportConditions: ['node'], preferBuiltins: true";
			place.write({
				[`rollup.${form}.mjs`]: `
					import commonjs from '@rollup/plugin-commonjs';
					import resolve from '@rollup/plugin-node-resolve';
					export default {
						input: ${json(form === 'browser' ? ['limits.mjs'] : ENTRIES)},
						external: ${form === 'external' ? '[/^p-lanes/]' : '[]'},
						plugins: [resolve({${resolve}}), commonjs()],
						output: {dir: '${form}', format: 'es', entryFileNames: '[name].mjs'},
					};`,
			});
			return place.bin('rollup', ['-c', `rollup.${form}.mjs`], {withErrors: true});
		},
	},

	rolldown: {
		title: 'Rolldown',
		packages: {rolldown: 'latest'},
		how: "for Node: `platform: 'node'`",
		forms: ['esm', 'external', 'browser'],
		build(place, form) {
			place.write({
				[`rolldown.${form}.mjs`]: `
					export default {
						input: ${json(form === 'browser' ? ['limits.mjs'] : ENTRIES)},
						platform: '${form === 'browser' ? 'browser' : 'node'}',
						external: ${form === 'external' ? '[/^p-lanes/]' : '[]'},
						output: {dir: '${form}', format: 'es', entryFileNames: '[name].mjs'},
					};`,
			});
			return place.bin('rolldown', ['-c', `rolldown.${form}.mjs`], {withErrors: true});
		},
	},

	webpack: {
		title: 'webpack',
		packages: {webpack: 'latest', 'webpack-cli': 'latest'},
		how: "for Node: `target: 'node'`",
		forms: ['esm', 'external', 'browser'],
		build(place, form) {
			const names = (form === 'browser' ? ['limits.mjs'] : ENTRIES).map(file => [
				file.replace('.mjs', ''),
				`./${file}`,
			]);
			place.write({
				[`webpack.${form}.cjs`]: `module.exports = {
					mode: 'production',
					target: '${form === 'browser' ? 'web' : 'node'}',
					entry: ${json(Object.fromEntries(names))},
					externals: ${form === 'external' ? '[/^p-lanes/]' : '[]'},
					externalsType: 'module',
					experiments: {outputModule: true},
					output: {path: require('path').resolve('${form}'), filename: '[name].mjs', module: true, chunkFormat: 'module', library: {type: 'module'}},
					performance: {hints: false},
				};`,
			});
			return place.bin('webpack', ['-c', `webpack.${form}.cjs`], {withErrors: true});
		},
	},

	vite: {
		title: 'Vite',
		packages: {vite: 'latest'},
		how: 'client and SSR; for a bundle without node_modules: `ssr: {noExternal: true}`',
		forms: ['esm', 'external', 'browser'],
		build(place, form) {
			const isServer = form !== 'browser';
			place.write({
				[`vite.${form}.mjs`]: `export default {
					build: {
						ssr: ${isServer},
						outDir: '${form}',
						rollupOptions: {
							input: ${json(isServer ? ENTRIES : ['limits.mjs'])},
							output: {entryFileNames: '[name].mjs'},
						},
					},
					${form === 'esm' ? 'ssr: {noExternal: true},' : ''}
				};`,
			});
			return place.bin('vite', ['build', '-c', `vite.${form}.mjs`], {withErrors: true});
		},
	},
};

const rowOf = ([name, {title, packages, how, forms, build}]) => ({
	group: 'bundler',
	name,
	title,
	how,
	packages,
	check(place) {
		place.write(PROGRAMS);
		for (const form of forms) {
			moduleFolder(place, form);
			refuseWarnings(build(place, form));
			moduleFolder(place, form); // some empty the folder
		}

		const uses = expectBundle(place, 'esm');
		expectBundledPool(place, 'esm');
		expectBundledPage(place, 'esm');
		expectExternalPool(place, 'external');
		expectBrowserBundle(place, 'browser/limits.mjs');
		if (forms.includes('cjs')) {
			expectBundle(place, 'cjs', 'limits.cjs');
		}

		return {version: place.versionOf(name), uses};
	},
});

const ncc = {
	group: 'bundler',
	name: 'ncc',
	title: 'ncc',
	how: '',
	packages: {'@vercel/ncc': 'latest'},
	check(place) {
		place.write(PROGRAMS);
		refuseWarnings(place.bin('ncc', ['build', 'limits.mjs', '-o', 'out'], {withErrors: true}));
		refuseWarnings(place.bin('ncc', ['build', 'limits.mjs', '-o', 'external', '-e', 'p-lanes'], {withErrors: true}));
		const uses = expectBundle(place, 'out', 'index.mjs');
		expectLimits(place.runNode(['external/index.mjs']));
		return {version: place.versionOf('@vercel/ncc'), uses};
	},
};

const bunBuild = {
	group: 'bundler',
	name: 'bun-build',
	title: 'Bun, as bundler',
	how: 'for Node: `--target=node`',
	packages: {bun: 'latest'},
	check(place) {
		place.write(PROGRAMS);
		const build = (folder, ...args) => {
			moduleFolder(place, folder);
			const bun = place.path('node_modules/bun/bin/bun.exe');
			return refuseWarnings(place.run(bun, ['build', `--outdir=${folder}`, ...args], {withErrors: true}));
		};
		place.runNode(['node_modules/bun/install.js']);
		build('node', '--target=node', ...ENTRIES);
		build('external', '--target=node', '--external=p-lanes', ...ENTRIES);
		build('browser', '--target=browser', 'limits.mjs');
		const uses = expectBundle(place, 'node', 'limits.js');
		expectBrowserBundle(place, 'browser/limits.js');
		return {version: place.versionOf('bun'), uses};
	},
};

const parcel = {
	group: 'bundler',
	name: 'parcel',
	title: 'Parcel',
	how: "for Node: a target with `context: 'node'` and `includeNodeModules: true`; `packageExports: true` in `@parcel/resolver-default`",
	packages: {parcel: 'latest'},
	check(place) {
		place.write(PROGRAMS);
		const targets = {
			forNode: {
				context: 'node',
				source: 'limits.mjs',
				distDir: 'node',
				outputFormat: 'commonjs',
				includeNodeModules: true,
			},
			forBrowsers: {
				context: 'browser',
				source: 'limits.mjs',
				distDir: 'browser',
				outputFormat: 'esmodule',
				includeNodeModules: true,
			},
		};
		const description = JSON.parse(place.read('package.json'));
		place.write({
			'package.json': {...description, targets, '@parcel/resolver-default': {packageExports: true}},
		});
		const env = {PARCEL_WORKERS: '0'};
		const build = ['build', '--no-cache', '--no-source-maps', '--no-optimize'];
		refuseWarnings(place.bin('parcel', build, {env, withErrors: true}));
		moduleFolder(place, 'browser');
		const uses = expectBundle(place, 'node', 'limits.js');
		expectBrowserBundle(place, 'browser/limits.js');
		return {version: place.versionOf('parcel'), uses};
	},
};

export default [...Object.entries(bundlers).map(rowOf), ncc, bunBuild, parcel];
