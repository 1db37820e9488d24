'use strict';

// Runs programs of `examples/` as their users do: each as a process of its own, which is known by what it prints and by how it
// ends.

const {spawn} = require('node:child_process');
const {mkdtempSync, rmSync} = require('node:fs');
const {tmpdir} = require('node:os');
const path = require('node:path');

const examples = path.join(__dirname, '..', '..', 'examples');

/** A folder that is gone after the test. */
const folderFor = t => {
	const folder = mkdtempSync(path.join(tmpdir(), 'p-lanes-examples-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	return folder;
};

/**
 * Starts a program; it is killed when the test ends before it. `printed(pattern)` waits for output and gives the match;
 * `ended` gives `{code, signal, stdout, stderr}`.
 */
const start = (t, file, args = [], {env = {}, nodeArgs = [], cwd} = {}) => {
	const child = spawn(process.execPath, [...nodeArgs, path.join(examples, file), ...args], {
		cwd,
		env: {...process.env, ...env},
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const output = {stdout: '', stderr: ''};
	let wake;
	let more = new Promise(resolve => {
		wake = resolve;
	});
	const changed = () => {
		wake();
		more = new Promise(resolve => {
			wake = resolve;
		});
	};

	for (const name of ['stdout', 'stderr']) {
		child[name].setEncoding('utf8').on('data', text => {
			output[name] += text;
			changed();
		});
	}

	let hasEnded = false;
	const ended = new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', (code, signal) => {
			hasEnded = true;
			changed();
			resolve({code, signal, ...output});
		});
	});

	const printed = async pattern => {
		for (;;) {
			const match = pattern.exec(output.stdout) ?? pattern.exec(output.stderr);
			if (match !== null) {
				return match;
			}

			if (hasEnded) {
				throw new Error(`${file} ended without ${pattern}:\n${output.stdout}${output.stderr}`);
			}

			await more;
		}
	};

	t.after(async () => {
		child.kill('SIGKILL');
		await ended;
	});

	return {child, ended, printed};
};

/** Runs a program to its end. */
const run = (t, file, args, options) => start(t, file, args, options).ended;

/** Waits until a look at another process shows what is waited for, and gives what it has seen. */
const until = async look => {
	for (;;) {
		const seen = await look();
		if (seen) {
			return seen;
		}

		await new Promise(resolve => {
			setTimeout(resolve, 20);
		});
	}
};

module.exports = {examples, folderFor, run, start, until};
