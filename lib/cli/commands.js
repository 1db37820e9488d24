'use strict';

// The subcommands, each loaded when it is called.

const commands = {
	doctor: () => require('./doctor.js'),
};

module.exports = {commands};
