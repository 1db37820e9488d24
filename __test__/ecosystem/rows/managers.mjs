// Package managers: each installs p-lanes from a registry on this machine, and gets the addon of this platform.

import path from 'node:path';
import {commandOf, managers} from '../../../scripts/packages/managers.mjs';
import {withRegistry} from '../../../scripts/packages/registry.mjs';
import {expectLimits, expectPool, LIMITS_CJS, LIMITS_ESM, poolCjs, WORK} from '../programs.mjs';

const TITLES = {
	npm: 'npm',
	pnpm: 'pnpm',
	'yarn-pnp': "Yarn, Plug'n'Play",
	'yarn-node-modules': 'Yarn, node_modules',
	bun: 'Bun, as package manager',
};

/** Yarn turns it on where package.json says `"type": "module"`. */
const HOW = {
	'yarn-pnp': '`pnpEnableEsmLoader: true` if `.mjs` files import it and no package.json says `"type": "module"`',
};

export default Object.entries(managers).map(([name, manager]) => ({
	group: 'package manager',
	name: `manager-${name}`,
	title: TITLES[name],
	how: HOW[name],
	check: place =>
		withRegistry(place.tarballs, url => {
			const [command, ...before] = commandOf(manager, place.node);
			// No cache of the machine has what was just published.
			const caches = {npm_config_cache: place.path('cache'), BUN_INSTALL_CACHE_DIR: place.path('cache')};
			const env = {...caches, XDG_DATA_HOME: place.path('data'), XDG_CACHE_HOME: place.path('data')};
			const run = args => place.run(command, [...before, ...args], {env, cwd: place.path('app')});
			const start = file => (manager.run ? run(manager.run(file)) : place.runNode([file], {cwd: place.path('app')}));
			const files = {
				'package.json': {private: true},
				...manager.files(url),
				'limits.mjs': LIMITS_ESM,
				'limits.cjs': LIMITS_CJS,
				'work.cjs': WORK,
				'pool.cjs': poolCjs("{filename: require('path').resolve('work.cjs'), maxThreads: 1}"),
			};
			place.write(Object.fromEntries(Object.entries(files).map(([file, text]) => [path.join('app', file), text])));
			run(manager.install);
			const uses = expectLimits(start('limits.mjs'));
			expectLimits(start('limits.cjs'));
			expectPool(start('pool.cjs'));
			return {version: run(['--version']).trim(), uses};
		}),
}));
