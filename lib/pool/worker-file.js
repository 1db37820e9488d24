'use strict';

// The file that worker threads run.
//
// In the package it is the one beside this file. A program into which a bundler has copied this code has no such file:
// there it is the one that the user gives, or that of the package if it is installed where the program runs.

const {statSync} = require('node:fs');
const path = require('node:path');
const {URL, pathToFileURL} = require('node:url');
const {isUrlObject} = require('../common/checks.js');
const {InvalidArgError, invalid} = require('../common/errors.js');
const {findFolder, resolveInstalled} = require('../common/place.js');

const toUrl = given => {
	try {
		const url = isUrlObject(given) || /^(file|data):/.test(given) ? new URL(given) : pathToFileURL(path.resolve(given));
		if (['file:', 'data:'].includes(url.protocol)) {
			return url;
		}
	} catch {
		// It is refused below.
	}

	throw invalid('worker', 'a path, or a file: or data: URL of a module', given);
};

/** Returns the URL of the file that the option `worker` gives. Throws if there is no such file. */
const readWorkerFile = given => {
	if (!isUrlObject(given) && (typeof given !== 'string' || given === '')) {
		throw invalid('worker', 'a path or a URL of a module that imports `p-lanes/worker`', given);
	}

	const url = toUrl(given);
	if (url.protocol === 'file:' && statSync(url, {throwIfNoEntry: false}) === undefined) {
		throw new InvalidArgError(`\`worker\` must be a file that exists: there is no ${url.href}`);
	}

	return url;
};

/** Returns the URL of the package's own file. Throws if there is none, as the user has to give one. */
const findWorkerFile = () => {
	if (findFolder() !== undefined) {
		return pathToFileURL(path.join(__dirname, 'worker.js'));
	}

	try {
		return pathToFileURL(resolveInstalled('p-lanes/worker'));
	} catch (cause) {
		throw new InvalidArgError(
			'`worker` must be given, as this program is a bundle and p-lanes is not installed where it runs. Bundle a file with `import "p-lanes/worker"` as an entry of its own, and give its URL: `new Pool({worker: new URL("./pool-worker.js", import.meta.url)})`',
			{cause},
		);
	}
};

module.exports = {findWorkerFile, readWorkerFile};
