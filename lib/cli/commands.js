'use strict';

// The subcommands, each loaded when it is called.

const commands = {
	bench: () => require('./bench.js'),
	doctor: () => require('./doctor.js'),
	top: () => require('./top.js'),
};

module.exports = {commands};
