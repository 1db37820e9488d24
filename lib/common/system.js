'use strict';

// The system that the process runs on.

const process = require('node:process');

/** The C library of this process, as its report says: `glibc 2.36`, or that it is another one. Nothing outside of Linux. */
const libc = () => {
	if (process.platform !== 'linux') {
		return undefined;
	}

	const {glibcVersionRuntime} = process.report.getReport().header;
	return glibcVersionRuntime === undefined ? 'musl or another C library' : `glibc ${glibcVersionRuntime}`;
};

module.exports = {libc};
