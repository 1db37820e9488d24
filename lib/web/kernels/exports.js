'use strict';

// The kernels where there is no Node: every call rejects.

const {missing} = require('../missing.js');

const rejectedBy = name => {
	return async () => {
		throw missing(name);
	};
};

const hash = Object.assign(rejectedBy('hash'), {map: rejectedBy('hash.map'), files: rejectedBy('hash.files')});
const compress = Object.assign(rejectedBy('compress'), {map: rejectedBy('compress.map')});
const decompress = Object.assign(rejectedBy('decompress'), {map: rejectedBy('decompress.map')});

const configure = () => {
	throw missing('configure');
};

module.exports = {compress, configure, decompress, hash};
