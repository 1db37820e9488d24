'use strict';

// Where this code is: in the installed package, in a checkout, or copied by a bundler into a program.
//
// What a program does not contain, such as a file that a thread runs, is found from here while the program runs. A bundler
// must not follow that, so nothing of it is a `require` that a bundler could see.

const {readFileSync} = require('node:fs');
const {createRequire} = require('node:module');
const path = require('node:path');
const process = require('node:process');
const {version} = require('../../package.json');

/** A bundler that writes ES modules leaves no `__filename`, and others invent one. */
const own = typeof __filename === 'string' && path.isAbsolute(__filename) ? __filename : undefined;

const isOurs = folder => {
	try {
		return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).name === 'p-lanes';
	} catch {
		return false;
	}
};

let found;

/** Returns the folder of the package, or undefined in a program that has a copy of this code. */
const findFolder = () => {
	// The sources are two folders deep, and what is built from them is one.
	found ??= {folder: own && ['..', '../..'].map(up => path.join(own, '..', up)).find(folder => isOurs(folder))};
	return found.folder;
};

/** Returns a `require` that finds what is installed for the program. */
const requireFrom = file => createRequire(file);

/**
 * The files from which packages are looked for: this one alone, or in a bundle the program's. Never the folder that the
 * process runs in, where anybody may have put a package.
 */
const origins = () => {
	const files = findFolder() === undefined ? [own, process.argv[1], process.execPath] : [own];
	return files.filter(file => file !== undefined && path.isAbsolute(file));
};

/** Returns the file of an installed package's module. Throws if there is none. */
const resolveInstalled = name => {
	let failure;
	for (const file of origins()) {
		try {
			return requireFrom(file).resolve(name);
		} catch (error) {
			failure ??= error;
		}
	}

	throw failure;
};

module.exports = {own, findFolder, requireFrom, resolveInstalled, version};
