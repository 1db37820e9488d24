'use strict';

// Copies a value that every thread of a pool will get.

const {InvalidArgError} = require('../../common/errors.js');
const {structuredClone} = require('./clone.js');
const {Copier} = require('./copy.js');
const {restoreErrors} = require('./errors.js');

/** Returns a structured clone of a value. Throws if there is none, or if a part of it is to be moved. */
const copyForThreads = (value, name) => {
	const copier = new Copier(name);
	const copy = copier.copy(value);
	if (copier.transfers !== undefined) {
		throw new InvalidArgError(`\`${name}\` must not be moved: every thread gets a copy of it`);
	}

	return restoreErrors(...structuredClone([copy, copier.errors]));
};

module.exports = {copyForThreads};
