// Runs every way to use the package (`__test__/environment/ways.js`) in the test runners that replace globals: Jest in
// its Node and its jsdom environment, with real and with fake timers, and Vitest. They are installed into
// `.environments`, because they are 100 MB.
//
//     npm run test:environments

import {execFileSync, spawnSync} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';

const PACKAGES = ['jest@30', 'jest-environment-jsdom@30', 'vitest@4', 'jsdom@26'];
const scripts = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(scripts);
const folder = path.join(root, '.environments');

if (!existsSync(path.join(folder, 'node_modules/jest'))) {
	mkdirSync(folder, {recursive: true});
	writeFileSync(path.join(folder, 'package.json'), '{"private": true}');
	execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...PACKAGES], {
		cwd: folder,
		stdio: ['ignore', 'ignore', 'inherit'],
		shell: process.platform === 'win32',
	});
}

// The tests lie in the folder, so that they find the runners.
cpSync(path.join(scripts, 'environments'), path.join(folder, 'tests'), {recursive: true});

const jest = (environment, tests, config = {}) => [
	'jest/bin/jest.js',
	'--env',
	environment,
	'--config',
	JSON.stringify({rootDir: folder, testMatch: [`**/${tests}.jest.js`], ...config}),
];
const vitest = environment => ['vitest/vitest.mjs', 'run', '--dir', 'tests', '--environment', environment];

const fakesAtOnce = {fakeTimers: {enableGlobally: true}};
const RUNS = {
	'Jest, Node': jest('node', 'ways'),
	'Jest, jsdom': jest('jsdom', 'ways'),
	'Jest, Node, loaded under fake timers': jest('node', 'ways', fakesAtOnce),
	'Jest, jsdom, loaded under fake timers': jest('jsdom', 'ways', fakesAtOnce),
	'Jest, Node, fake timers': jest('node', 'fakes'),
	'Jest, jsdom, fake timers': jest('jsdom', 'fakes'),
	Vitest: vitest('node'),
	'Vitest, jsdom': vitest('jsdom'),
};

const failed = [];
for (const [name, [runner, ...args]] of Object.entries(RUNS)) {
	console.log(`\n${name}`);
	const {status} = spawnSync(process.execPath, [path.join(folder, 'node_modules', runner), ...args], {
		cwd: folder,
		env: {...process.env, P_LANES: root},
		stdio: 'inherit',
		timeout: 300_000, // a run that does not end has failed
	});
	if (status !== 0) {
		failed.push(name);
	}
}

if (failed.length > 0) {
	console.error(`\nfailed: ${failed.join('; ')}`);
	process.exit(1);
}
