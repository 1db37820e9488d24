'use strict';

// Runs the command `p-lanes` as a user does, and refuses stack traces.

const assert = require('node:assert/strict');
const {spawnSync} = require('node:child_process');
const path = require('node:path');
const process = require('node:process');

const root = path.join(__dirname, '../..');
const main = path.join(root, require('../../package.json').bin['p-lanes']);

const run = (args, {env, ...options} = {}) => {
	const {status, stdout, stderr} = spawnSync(process.execPath, [main, ...args], {
		encoding: 'utf8',
		env: {...process.env, NODE_OPTIONS: '', ...env},
		...options,
	});
	assert.doesNotMatch(stdout + stderr, /^\s+at /m, 'a stack trace');
	return {status, stdout, stderr};
};

module.exports = {main, run};
