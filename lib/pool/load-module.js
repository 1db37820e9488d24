'use strict';

// Loads a module in a worker: by `import()`, or by `require` if the program has hooks for it.
//
// Hooks of `require`, such as those of ts-node, swc or tsx, are functions in `require.extensions`, which bundlers know by
// its other name only. `import()` asks them for CommonJS files with the extension `.js` only. So a file of an extension
// that only a hook knows is given to `require`, unless it is an ES module, which the hooks of most packages refuse.

const {readFileSync} = require('node:fs');
const {Module, createRequire} = require('node:module');
const path = require('node:path');
const {URL, fileURLToPath, pathToFileURL} = require('node:url');

/** The extensions that Node knows without a hook. */
const nodeExtensions = new Set(['', '.js', '.cjs', '.mjs', '.json', '.node', '.wasm']);

/** Extensions that `require` gives to the hook for `.js` files, unless they have hooks of their own. */
const sharedExtensions = new Set(['.js', '.cts', '.mts']);

const hasHook = extension => !nodeExtensions.has(extension) && Object.hasOwn(Module._extensions, extension);

/** Returns whether a file has run, or has begun to run, before it led to an error. */
const hasRun = (file, {stack}) => {
	const calls = String(stack)
		.split('\n')
		.filter(line => /^\s+at /.test(line));
	return calls.some(call => call.includes(file) || call.includes(pathToFileURL(file).href));
};

/** Returns whether an error of `import()` says that it does not understand the file. */
const isNotUnderstood = (file, error) =>
	error?.code === 'ERR_UNKNOWN_FILE_EXTENSION' || (error instanceof SyntaxError && !hasRun(file, error));

/** Returns the `type` of the package that a file belongs to. */
const packageTypeOf = file => {
	for (let folder = path.dirname(file); path.basename(folder) !== 'node_modules'; folder = path.dirname(folder)) {
		try {
			return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).type;
		} catch (error) {
			if (error instanceof SyntaxError || folder === path.dirname(folder)) {
				return undefined;
			}
		}
	}

	return undefined;
};

const isModule = (file, extension) =>
	extension === '.mts' || (extension !== '.cts' && packageTypeOf(file) === 'module');

/** Returns the file of a URL, if `require` can load it. */
const fileOf = url => {
	const {protocol, search, hash} = new URL(url);
	return protocol === 'file:' && search === '' && hash === '' ? fileURLToPath(url) : undefined;
};

/** Loads a file by `require`. Returns what `import()` would: the exports as `default`. */
const requireFile = file => ({default: createRequire(file)(file)});

/** Tells bundlers that the module is no part of their program. */
const importModule = url => import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ url);

/** Returns the namespace of a module. */
const loadModule = async url => {
	const file = fileOf(url);
	if (file === undefined) {
		return importModule(url);
	}

	const extension = path.extname(file);
	const isHooked = hasHook(extension);
	if (isHooked && !isModule(file, extension)) {
		return requireFile(file);
	}

	try {
		return await importModule(url);
	} catch (error) {
		// A hook may take it all the same: tsx takes ES modules, and others take what they compile in `.js` files.
		if (!(isHooked || sharedExtensions.has(extension)) || !isNotUnderstood(file, error)) {
			throw error;
		}

		try {
			return requireFile(file);
		} catch {
			throw error;
		}
	}
};

module.exports = {loadModule};
