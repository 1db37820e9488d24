'use strict';

// Where the addon of this system may be: beside package.json in a checkout, and in the package of the platform.
//
// Nothing is loaded by a `require` that a bundler could see: it would look for the packages of all platforms, or put a
// binary where it can't be loaded. In a bundle the places are looked for beside the bundle.

const {statSync} = require('node:fs');
const {createRequire} = require('node:module');
const path = require('node:path');
const process = require('node:process');
const {libcFamily} = require('../common/system.js');
const {fileOf, namesFor, packageOf} = require('./targets.js');

/** This file, or where a bundler or a loader takes the names of files away, the folder that the process runs in. */
const HERE =
	typeof __filename === 'string' && path.isAbsolute(__filename) ? __filename : path.join(process.cwd(), 'p-lanes.js');

/** Requires what is there at run time. */
const requireHere = createRequire(HERE);

const isThere = file => statSync(file, {throwIfNoEntry: false}) !== undefined;

/** The nearest folder above with a package.json: that of the package, or that of the bundle's project. */
const findFolder = () => {
	let folder = path.dirname(HERE);
	while (!isThere(path.join(folder, 'package.json'))) {
		const parent = path.dirname(folder);
		if (parent === folder) {
			return path.dirname(HERE);
		}

		folder = parent;
	}

	return folder;
};

const version = () => require('../../package.json').version;

/** Returns the binary of a package. Throws if it is not there, or is not of exactly this version. */
const fileOfPackage = name => {
	const description = requireHere.resolve(`${name}/package.json`);
	const found = requireHere(description);
	if (found.version !== version()) {
		throw Object.assign(
			new Error(`${name} has the version ${found.version}, and p-lanes ${version()}: both must be the same`),
			{code: 'VERSION_MISMATCH'},
		);
	}

	return path.join(path.dirname(description), found.main);
};

const missing = what => Object.assign(new Error(`There is no ${what}`), {code: 'MODULE_NOT_FOUND'});

/** Returns the places, the best first. `find` returns the file, and throws if there is none. */
const places = () => {
	const given = process.env.P_LANES_BINARY;
	if (given) {
		return [{name: given, find: () => path.resolve(given)}];
	}

	const names = namesFor({platform: process.platform, arch: process.arch, libc: libcFamily()});
	const inCheckout = names.map(name => ({
		name: fileOf(name),
		find() {
			const file = path.join(findFolder(), fileOf(name));
			if (!isThere(file)) {
				throw missing(file);
			}

			return file;
		},
	}));
	const inPackages = names.map(name => ({name: packageOf(name), find: () => fileOfPackage(packageOf(name))}));
	return [...inCheckout, ...inPackages];
};

module.exports = {places, requireHere, findFolder, version};
