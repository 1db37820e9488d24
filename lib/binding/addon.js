'use strict';

// Loads the native addon from the first place that has one which loads.

const {NoBinaryError} = require('./no-binary-error.js');
const {checkVersion, places, requireHere} = require('./places.js');

/** Returns the addon and its file. Throws a `NoBinaryError`, whose `cause` is the first true reason. */
const loadAddon = () => {
	const failures = [];
	for (const {name, find} of places()) {
		try {
			const file = find();
			const addon = requireHere(file);
			checkVersion(file, addon.VERSION);
			return {addon, file};
		} catch (error) {
			failures.push({name, error});
		}
	}

	const {explain} = require('./explain.js');
	const {message, cause} = explain(failures);
	throw new NoBinaryError(message, {cause});
};

module.exports = {loadAddon};
