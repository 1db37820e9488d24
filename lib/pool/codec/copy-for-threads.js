'use strict';

// Copies a value that every thread of a pool will get.

const {InvalidArgError} = require('../../common/errors.js');
const {structuredClone} = require('./clone.js');
const {Copier} = require('./copy.js');
const {cut} = require('./pieces.js');
const {readBody} = require('./post.js');

/** Returns a copy of a value, to be posted to each thread. Throws if a part of it can't be sent, or is to be moved. */
const copyForThreads = (value, name) => {
	const copier = new Copier(name);
	const copy = copier.copy(value);
	const {errors, isDeep, transfers} = copier;
	if (transfers !== undefined) {
		throw new InvalidArgError(`\`${name}\` must not be moved: every thread gets a copy of it`);
	}

	return structuredClone(isDeep ? cut([copy, errors]) : {value: copy, errors});
};

/** Returns a value as a thread gets it, by its copy. */
const readForThread = copy => readBody(structuredClone(copy));

module.exports = {copyForThreads, readForThread};
