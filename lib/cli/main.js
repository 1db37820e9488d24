#!/usr/bin/env node
'use strict';

// The command `p-lanes`: finds the subcommand and runs it. See README.md for what a subcommand exports.

const process = require('node:process');
const {parseArgs} = require('node:util');
const {version} = require('../common/place.js');
const {commands} = require('./commands.js');
const {UsageError} = require('./usage-error.js');

const FAILED = 1;
const UNUSABLE = 2;

const print = text => {
	process.stdout.write(`${text}\n`);
};

const names = Object.keys(commands);

const help = () => {
	const width = Math.max(...names.map(name => name.length));
	const lines = names.map(name => `  ${name.padEnd(width)}  ${commands[name]().summary}`);
	return `Usage: p-lanes <command> [options]

${lines.join('\n')}

p-lanes <command> --help tells the options of a command.
p-lanes --version tells the version.`;
};

/** Node tells how to give what begins with '-' as an argument. No command takes such an argument. */
const withoutHint = message => message.replace(/\. To specify a positional argument.*$/s, '');

const readOptions = (name, {options}, args) => {
	try {
		return parseArgs({
			args,
			allowPositionals: true,
			options: {...options, help: {type: 'boolean', short: 'h', default: false}},
		});
	} catch (error) {
		throw new UsageError(`${withoutHint(error.message)}\nSee p-lanes ${name} --help`);
	}
};

const runCommand = async (name, args) => {
	const command = commands[name]();
	const {values, positionals} = readOptions(name, command, args);
	if (values.help) {
		print(command.usage);
		return 0;
	}

	return command.run(values, positionals);
};

const main = async ([name, ...args]) => {
	if (name === '--version' || name === '-v') {
		print(version);
		return 0;
	}

	if (name === 'help' && names.includes(args[0])) {
		return runCommand(args[0], ['--help']);
	}

	if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
		print(help());
		return name === undefined ? UNUSABLE : 0;
	}

	if (!names.includes(name)) {
		throw new UsageError(`p-lanes has no command '${name}'; the commands are ${names.join(', ')}`);
	}

	return runCommand(name, args);
};

/** The reader may have had enough: `p-lanes bench | head`. */
process.stdout.on('error', () => {
	process.exit(FAILED);
});

main(process.argv.slice(2)).then(
	code => {
		process.exitCode = code;
	},
	error => {
		const isUsage = error instanceof UsageError;
		process.stderr.write(`${isUsage ? error.message : error.stack}\n`);
		process.exitCode = isUsage ? UNUSABLE : FAILED;
	},
);
