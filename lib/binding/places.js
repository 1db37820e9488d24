'use strict';

// Where the addon of this system may be: beside package.json in a checkout, and in the package of the platform.
//
// Nothing is loaded by a `require` that a bundler could see: it would look for the packages of all platforms, or put a
// binary where it can't be loaded. In a bundle the places are looked for beside the bundle.

const {statSync} = require('node:fs');
const path = require('node:path');
const process = require('node:process');
const {findFolder, own, requireFrom, resolveInstalled, version} = require('../common/place.js');
const {libcFamily, readVariable} = require('../common/system.js');
const {fileOf, namesFor, packageOf} = require('./targets.js');

/** Requires what is there at run time. */
const requireHere = requireFrom(own ?? process.execPath);

/** Throws if what was found is not of exactly this version. `name` is the package or the file. */
const checkVersion = (name, found) => {
	if (found !== version) {
		throw Object.assign(new Error(`${name} has the version ${found}, and p-lanes ${version}: both must be the same`), {
			code: 'VERSION_MISMATCH',
		});
	}
};

/** Returns the binary of a package. Throws if it is not there, or is not of exactly this version. */
const fileOfPackage = name => {
	const description = resolveInstalled(`${name}/package.json`);
	const found = requireHere(description);
	checkVersion(name, found.version);
	return path.join(path.dirname(description), found.main);
};

const missing = what => Object.assign(new Error(`There is no ${what}`), {code: 'MODULE_NOT_FOUND'});

/** Returns the places, the best first. `find` returns the file, and throws if there is none. */
const places = () => {
	const given = readVariable('P_LANES_BINARY');
	if (given) {
		return [{name: given, find: () => path.resolve(given)}];
	}

	const names = namesFor({platform: process.platform, arch: process.arch, libc: libcFamily()});
	const inCheckout = names.map(name => ({
		name: fileOf(name),
		find() {
			const folder = findFolder();
			const file = folder && path.join(folder, fileOf(name));
			if (file === undefined || statSync(file, {throwIfNoEntry: false}) === undefined) {
				throw missing(file ?? fileOf(name));
			}

			return file;
		},
	}));
	const inPackages = names.map(name => ({name: packageOf(name), find: () => fileOfPackage(packageOf(name))}));
	return [...inCheckout, ...inPackages];
};

module.exports = {checkVersion, places, requireHere};
