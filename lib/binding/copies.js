'use strict';

// Other copies of the package in this process, of any thread: two installed folders, with an addon each.
//
// Names and threads are kept by the addon, so two addons would make two limits of one name. Copies of one build all use
// the addon that was loaded first; the addon finds it among the libraries of the process (`src/node/copies/`). Copies of
// different builds can't share one, because the shim and its addon belong together: the later one warns.

const process = require('node:process');
const {loadAddon} = require('./addon.js');
const {requireHere} = require('./places.js');

/** The addon of this copy, and those of other builds that were loaded before it. */
let own;
let others = [];

/** Returns the addon that copies of this build share, and its file. */
const loadShared = () => {
	const loaded = loadAddon();
	const earlier = loaded.addon.earlierCopies();
	const first = earlier.find(({isSameBuild}) => isSameBuild);
	own = loaded.addon;
	others = earlier.filter(({isSameBuild}) => !isSameBuild);
	if (first === undefined) {
		return loaded;
	}

	try {
		return {addon: requireHere(first.file), file: first.file};
	} catch {
		others.push(first); // its file is gone, or this process may no longer read it
		return loaded;
	}
};

/** Warns once in a process that a named limit is not shared with a copy of another version. */
const warnOfOtherVersions = name => {
	if (others.length === 0 || !own.isFirstWarning()) {
		return;
	}

	const versions = others.map(({version, file}) => `${version} (${file})`).join(', ');
	process.emitWarning(
		`p-lanes is in this process in several copies that differ: ${own.VERSION}, and ${versions}. Limits with a name, such as '${name}', are not shared between them: each copy has its own slots.`,
		{
			type: 'PLanesWarning',
			code: 'P_LANES_VERSIONS',
			detail: 'Install one version: `npm ls p-lanes` shows who asks for which.',
		},
	);
};

module.exports = {loadShared, warnOfOtherVersions};
