'use strict';

// `configure`: sets up the threads of the kernels.

const binding = require('../binding/binding.js');
const {checkObject, checkWhole} = require('../common/checks.js');
const {InvalidArgError} = require('../common/errors.js');
const {OptionNames} = require('../common/option-names.js');

const {configureKernels} = binding.kind === 'wasm' ? require('./node/port.js') : binding;

const configureNames = new OptionNames(['threads', 'reserve']);

/** Sets how many threads the kernels of this process have. Must come before the first kernel call. */
const configure = options => {
	checkObject('options', options);
	const {threads, reserve} = configureNames.read(options);
	if (threads !== undefined) {
		checkWhole('threads', threads, 1, 1024);
	}

	if (reserve !== undefined) {
		checkWhole('reserve', reserve, 0, 1024);
	}

	try {
		configureKernels(threads, reserve);
	} catch (error) {
		throw new InvalidArgError(error.message);
	}
};

module.exports = {configure, configureNames};
