'use strict';

// `configure`: how the threads of the kernels will be.

const {configureKernels} = require('../../binding.js');
const {checkObject, checkWhole} = require('../checks.js');
const {InvalidArgError} = require('../errors.js');

/** Sets how many threads the kernels of this process have. Before the first kernel is called. */
const configure = options => {
	checkObject('options', options);

	const {threads, reserve} = options;
	if (threads !== undefined) {
		checkWhole('threads', threads, 1, 1024);
	}

	if (reserve !== undefined) {
		checkWhole('reserve', reserve, 0, 1023);
	}

	try {
		configureKernels(threads, reserve);
	} catch (error) {
		throw new InvalidArgError(error.message);
	}
};

module.exports = {configure};
