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

const OPTIONS =
	"{worker: new URL('./pool-worker.mjs', import.meta.url), filename: new URL('./pool-worker.mjs', import.meta.url), maxThreads: 1}";

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

/** Runs a bundled program where the package is installed, and where nothing is. Returns what it runs on at the first. */
export const expectBundle = (place, folder, file = 'limits.mjs') => {
	const uses = expectLimits(place.runNode([path.join(folder, file)]));
	const empty = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-bundle-'));
	// Bun's bundler writes down where the package was.
	renameSync(place.path('node_modules'), place.path('away'));
	try {
		cpSync(place.path(folder), empty, {recursive: true});
		assert.equal(expectLimits(place.runNode([path.join(empty, file)], {cwd: empty})), 'WebAssembly');
	} finally {
		renameSync(place.path('away'), place.path('node_modules'));
		rmSync(empty, {recursive: true});
	}

	return uses;
};

/** Runs a bundled program with a pool. */
export const expectBundledPool = (place, folder, file = 'pool.mjs') => {
	expectPool(place.runNode([path.join(folder, file)]));
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
