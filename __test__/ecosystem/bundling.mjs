// What the rows of bundlers have in common: the programs to bundle, and the checks of what comes out.

import assert from 'node:assert/strict';
import {cpSync, mkdirSync, mkdtempSync, renameSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {expectLimits, expectPool, LIMITS_ESM, poolEsm} from './programs.mjs';

/** The file that a program with a pool bundles as an entry of its own. It has the function, too. */
const POOL_WORKER = `import 'p-lanes/worker';
export default ({a, b}) => a + b;
`;

// webpack copies a file that `new URL` names as it is, and does not bundle it, unless the comment is there.
const FILE = "new URL(/* webpackIgnore: true */ './pool-worker.mjs', import.meta.url)";
const OPTIONS = `{worker: ${FILE}, filename: ${FILE}, maxThreads: 1}`;

/** Another entry of the package: it shows the limits of the same copy, and needs none of the optional peers. */
const LIVE = `import pLimit from 'p-lanes';
import {dashboard} from 'p-lanes/dashboard';

const run = async () => {
	const {url, close} = await dashboard({limits: {shown: pLimit(1)}});
	const text = await (await fetch(url)).text();
	await close();
	console.log(text.includes('<script'));
};
run();
`;

/** The programs, which use limits, a pool, and the dashboard. */
export const PROGRAMS = {
	'limits.mjs': LIMITS_ESM,
	'pool.mjs': poolEsm(OPTIONS),
	'pool-worker.mjs': POOL_WORKER,
	'live.mjs': LIVE,
};

/** A bundler that has something to say about a package makes its users look for what is wrong. */
export const refuseWarnings = output => {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: colours
	const text = output.replaceAll(/\x1B\[\d+m/g, '');
	assert.doesNotMatch(
		text,
		/critical dependency|\bwarn(ing)?s?\b(?! ?(0|: 0|\[MODULE_TYPELESS))|can't resolve|unresolved|externalized for browser/i,
	);
	return output;
};

/** Calls `use` with a copy of a folder that is nowhere near the package; `addon` puts that of the platform beside it. */
const expectElsewhere = (place, folder, use, {addon = false} = {}) => {
	const empty = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-bundle-'));
	// Bundlers that write down where a file was are found out: there is none any more.
	renameSync(place.path('node_modules'), place.path('away'));
	try {
		cpSync(place.path(folder), empty, {recursive: true});
		if (addon) {
			cpSync(place.path('away/@p-lanes'), path.join(empty, 'node_modules/@p-lanes'), {recursive: true});
		}

		use(empty);
	} finally {
		renameSync(place.path('away'), place.path('node_modules'));
		rmSync(empty, {recursive: true});
	}
};

/** Runs a bundled program where the package is installed, and where nothing is. Returns what it runs on at the first. */
export const expectBundle = (place, folder, file = 'limits.mjs') => {
	const uses = expectLimits(place.runNode([path.join(folder, file)]));
	expectElsewhere(place, folder, empty => {
		assert.equal(expectLimits(place.runNode([path.join(empty, file)], {cwd: empty})), 'WebAssembly');
	});
	return uses;
};

/** Runs a program with a pool that was bundled without p-lanes. */
export const expectExternalPool = (place, folder, file = 'pool.mjs') => {
	expectPool(place.runNode([path.join(folder, file)]));
};

/** Runs a program with a pool that was bundled with all it needs but the addon. */
export const expectBundledPool = (place, folder, file = 'pool.mjs') => {
	expectExternalPool(place, folder, file);
	expectElsewhere(
		place,
		folder,
		empty => {
			expectPool(place.runNode([path.join(empty, file)], {cwd: empty}));
		},
		{addon: true},
	);
};

/** Runs a bundled program with the dashboard. */
export const expectBundledPage = (place, folder, file = 'live.mjs') => {
	assert.equal(place.runNode([path.join(folder, file)]), 'true\n');
};

/** Runs what was bundled for browsers: it may use nothing of Node, and Node has what it needs. */
export const expectBrowserBundle = (place, file) => {
	const text = place.read(file);
	assert.ok(!/\b(from|import|require\()\s*["']node:/.test(text), `${file} uses Node`);
	assert.equal(expectLimits(place.runNode([file])), 'WebAssembly');
};

/** Makes a folder whose files are ES modules. */
export const moduleFolder = (place, folder) => {
	mkdirSync(place.path(folder), {recursive: true});
	place.write({[`${folder}/package.json`]: {type: 'module'}});
};
