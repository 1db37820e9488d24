'use strict';

// The subcommands, each loaded when it is called.

const commands = {
	bench: () => require('./bench.js'),
	doctor: () => require('./doctor.js'),
};

module.exports = {commands};
