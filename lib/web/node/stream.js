'use strict';

// In place of `node:stream`, for `limit.transform()`.

const {NoBinaryError} = require('../../binding/no-binary-error.js');
const {builtIn} = require('./built-in.js');

/** Only its `from` is used. */
const Duplex = builtIn('node:stream')?.Duplex ?? {
	from() {
		throw new NoBinaryError(
			'`transform` needs the streams of Node, which this environment does not have; use `stream`',
		);
	},
};

module.exports = {Duplex};
