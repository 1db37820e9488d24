// The empty folder of a row, and what the row can do there.

import {spawnSync} from 'node:child_process';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {binaryOf} from '../../scripts/nodes.mjs';

const isWindows = process.platform === 'win32';

/** Milliseconds for one command: nothing takes nearly as long, and what hangs is named. */
const TIMEOUT = 600_000;

export class Place {
	/** The folder. */
	folder;
	/** The paths of the tarballs of p-lanes and of its part for this platform. */
	tarballs;
	/** The path of the `node` that the row runs on. */
	node;

	constructor({folder, tarballs, nodeLine}) {
		this.folder = folder;
		this.tarballs = tarballs;
		this.node = nodeLine === undefined ? process.execPath : binaryOf(nodeLine);
		mkdirSync(folder, {recursive: true});
	}

	path(...names) {
		return path.join(this.folder, ...names);
	}

	write(files) {
		for (const [name, text] of Object.entries(files)) {
			mkdirSync(path.dirname(this.path(name)), {recursive: true});
			writeFileSync(this.path(name), typeof text === 'string' ? text : `${JSON.stringify(text, null, '\t')}\n`);
		}
	}

	read(name) {
		return readFileSync(this.path(name), 'utf8');
	}

	/** Installs p-lanes and other packages by npm. `scripts` allows their install scripts. */
	install(packages = {}, {scripts = false} = {}) {
		this.write({'package.json': {private: true, dependencies: packages}});
		const options = ['--no-audit', '--no-fund', '--loglevel=error', ...(scripts ? [] : ['--ignore-scripts'])];
		this.run('npm', ['install', ...options, ...this.tarballs]);
	}

	/**
	 * Runs a command and returns what it prints to the standard output, with `withErrors` also what to the other. Its
	 * failure has all of its output.
	 */
	run(command, args, {env = {}, cwd = this.folder, withErrors = false} = {}) {
		const {error, status, signal, stdout, stderr} = spawnSync(command, args, {
			cwd,
			encoding: 'utf8',
			env: {...process.env, PATH: `${path.dirname(this.node)}${path.delimiter}${process.env.PATH}`, ...env},
			shell: isWindows,
			stdio: ['ignore', 'pipe', 'pipe'],
			timeout: TIMEOUT,
			maxBuffer: 1 << 26,
		});
		if (status !== 0) {
			const reason = error?.message ?? signal ?? `code ${status}`;
			throw new Error(`${[command, ...args].join(' ')} failed: ${reason}\n${stdout}\n${stderr}`);
		}

		return withErrors ? stdout + stderr : stdout;
	}

	/** Runs a command of an installed package (`node_modules/.bin`), by the row's Node. */
	bin(name, args, options) {
		return this.run(this.path('node_modules/.bin', isWindows ? `${name}.cmd` : name), args, options);
	}

	/** Runs Node. */
	runNode(args, options) {
		return this.run(this.node, args, options);
	}

	/** The version of an installed package. */
	versionOf(name) {
		return JSON.parse(this.read(`node_modules/${name}/package.json`)).version;
	}
}
