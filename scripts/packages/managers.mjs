// How the package managers install p-lanes from a registry into a folder, and how a program runs there.

import path from 'node:path';
import {npmrcOf} from './registry.mjs';
import {folderOfTool} from './tools.mjs';

const npmrc = url => ({'.npmrc': npmrcOf(url)});

const yarn = nodeLinker => ({
	tool: '@yarnpkg/cli-dist',
	program: 'bin/yarn.js',
	files: url => ({
		'.yarnrc.yml': [
			`npmRegistryServer: ${JSON.stringify(url)}`,
			'unsafeHttpWhitelist: ["127.0.0.1"]',
			`nodeLinker: ${nodeLinker}`,
			'enableGlobalCache: false',
			'enableTelemetry: false',
			'npmMinimalAgeGate: 0',
			'pnpEnableEsmLoader: true',
			'',
		].join('\n'),
		'yarn.lock': '',
	}),
	install: ['add', 'p-lanes'],
	run: file => ['node', file],
});

/**
 * | field | |
 * |---|---|
 * | `tool`, `program` | the npm package of it, and its file that Node runs; npm is there anyway |
 * | `files` | returns what lies in the folder before, by name |
 * | `install`, `run` | the arguments to install p-lanes, and to run a program; Node runs it where `run` is not given |
 */
export const managers = {
	npm: {files: npmrc, install: ['install', 'p-lanes']},
	pnpm: {
		tool: 'pnpm',
		program: 'bin/pnpm.mjs',
		// What was just published is too young for pnpm by default.
		files: url => ({...npmrc(url), 'pnpm-workspace.yaml': 'minimumReleaseAge: 0\n'}),
		install: ['add', 'p-lanes'],
	},
	'yarn-pnp': yarn('pnp'),
	'yarn-node-modules': yarn('node-modules'),
	bun: {tool: 'bun', program: 'bin/bun.exe', isNative: true, files: npmrc, install: ['add', 'p-lanes']},
};

/** Returns the command of a manager: a program and the arguments before its own. */
export const commandOf = ({tool, program, isNative}, node) => {
	if (tool === undefined) {
		return ['npm'];
	}

	const file = path.join(folderOfTool(tool), program);
	return isNative ? [file] : [node, file];
};
