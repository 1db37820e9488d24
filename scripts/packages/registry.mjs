// A registry on this machine, by verdaccio, with packages that are nowhere else.

import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {binaryOf} from '../nodes.mjs';
import {folderOfTool} from './tools.mjs';

/** The Node that runs verdaccio, which needs 22 or later. */
const LINE = '24';

const freePort = async () => {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const {port} = server.address();
	server.close();
	await once(server, 'close');
	return port;
};

/** Own packages are never asked for elsewhere; all others come from the registry that npm is configured for. */
const configOf = (folder, uplink) => ({
	storage: path.join(folder, 'storage'),
	auth: {htpasswd: {file: path.join(folder, 'htpasswd')}},
	uplinks: {npm: {url: uplink}},
	packages: {
		'p-lanes': {access: '$all', publish: '$all'},
		'@p-lanes/*': {access: '$all', publish: '$all'},
		'**': {access: '$all', proxy: 'npm'},
	},
	max_body_size: '100mb',
	log: {type: 'stdout', format: 'json', level: 'warn'},
});

const isUp = async url => {
	try {
		const {ok} = await fetch(`${url}-/ping`);
		return ok;
	} catch {
		return false;
	}
};

const start = async folder => {
	const npm = args =>
		execFileSync('npm', args, {encoding: 'utf8', shell: process.platform === 'win32', cwd: folder}).trim();
	const url = `http://127.0.0.1:${await freePort()}/`;
	const config = path.join(folder, 'config.json');
	writeFileSync(config, JSON.stringify(configOf(folder, npm(['config', 'get', 'registry']))));
	const verdaccio = path.join(folderOfTool('verdaccio'), 'bin/verdaccio');
	const server = spawn(binaryOf(LINE), [verdaccio, '--config', config, '--listen', url], {
		cwd: folder,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let said = '';
	for (const stream of [server.stdout, server.stderr]) {
		stream.on('data', text => {
			said += text;
		});
	}

	const ended = once(server, 'exit');
	while (!(await isUp(url))) {
		if (server.exitCode !== null) {
			throw new Error(`verdaccio did not start:\n${said}`);
		}

		await new Promise(resolve => {
			setTimeout(resolve, 100);
		});
	}

	return {
		url,
		async stop() {
			server.kill();
			await ended;
		},
	};
};

/** The settings by which npm, pnpm and bun use a registry; npm publishes only with a token. */
export const npmrcOf = url => `registry=${url}\n${url.replace(/^http:/, '')}:_authToken=nobody\n`;

/** Publishes tarballs into a new registry, and calls `use` with its address. */
export const withRegistry = async (tarballs, use) => {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-registry-'));
	mkdirSync(path.join(folder, 'storage'));
	const {url, stop} = await start(folder);
	try {
		writeFileSync(path.join(folder, '.npmrc'), npmrcOf(url));
		for (const tarball of tarballs) {
			execFileSync(
				'npm',
				['publish', '--userconfig', path.join(folder, '.npmrc'), '--no-update-notifier', '--loglevel=error', tarball],
				{
					cwd: folder,
					stdio: ['ignore', 'ignore', 'inherit'],
					shell: process.platform === 'win32',
				},
			);
		}

		return await use(url);
	} finally {
		await stop();
		rmSync(folder, {recursive: true, force: true});
	}
};
