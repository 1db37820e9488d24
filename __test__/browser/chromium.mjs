// Opens a page in headless Chromium and returns what the page posts to `/results`.

import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync} from 'node:fs';
import {createServer} from 'node:http';
import os from 'node:os';
import path from 'node:path';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const FLAGS = [
	'--headless',
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--disable-dev-shm-usage',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/** Returns `{command, version}` of an installed Chromium; undefined if there is none. */
const find = () => {
	for (const command of [process.env.CHROMIUM ?? [], COMMANDS].flat()) {
		const {status, stdout} = spawnSync(command, ['--version'], {encoding: 'utf8'});
		if (status === 0) {
			return {command, version: /[\d.]+/.exec(stdout)[0]};
		}
	}

	return undefined;
};

const install = () => {
	for (const args of [
		['update', '-qq'],
		['install', '-y', '-qq', '--no-install-recommends', 'chromium'],
	]) {
		const {status, stderr} = spawnSync('apt-get', args, {encoding: 'utf8'});
		if (status !== 0) {
			throw new Error(`there is no Chromium (set CHROMIUM to its path), and apt-get does not install it: ${stderr}`);
		}
	}
};

/** Returns `{command, version}` of Chromium. Debian's package is installed if there is none. */
export const chromium = () => {
	const found = find();
	if (found !== undefined) {
		return found;
	}

	install();
	return find();
};

const TYPES = {'.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript'};

/** Milliseconds for a page: a page that hangs is an error. */
const TIMEOUT = 300_000;

/** Serves files, `{[path]: text}`. Returns the server, and a promise of what is posted to it. */
const serve = async files => {
	let posted;
	const results = new Promise(resolve => {
		posted = resolve;
	});
	const server = createServer(async (request, response) => {
		if (request.method === 'POST') {
			const chunks = await request.toArray();
			response.end();
			posted(JSON.parse(Buffer.concat(chunks).toString()));
			return;
		}

		const text = files[request.url.slice(1)];
		response.writeHead(text === undefined ? 404 : 200, {
			'content-type': TYPES[path.extname(request.url)] ?? 'text/plain',
		});
		response.end(text);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {server, results};
};

const exit = () => process.exit(1);

/** Opens `index.html` of some files in Chromium, and returns what its scripts post to `/results`. */
export const openPage = async files => {
	const {command} = chromium();
	const {server, results} = await serve(files);
	const profile = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-chromium-'));
	const url = `http://127.0.0.1:${server.address().port}/index.html`;
	const browser = spawn(command, [...FLAGS, '--enable-logging=stderr', `--user-data-dir=${profile}`, url], {
		stdio: ['ignore', 'ignore', 'pipe'],
		detached: true,
	});
	const kill = () => {
		process.kill(-browser.pid, 'SIGKILL'); // its processes, too
	};
	process.once('exit', kill);
	process.once('SIGTERM', exit);
	let output = '';
	browser.stderr.on('data', chunk => {
		output += chunk;
	});
	let timer;
	const failure = new Promise((_, reject) => {
		browser.once('error', reject);
		browser.once('exit', code => reject(new Error(`Chromium ended with code ${code}:\n${output}`)));
		timer = setTimeout(() => reject(new Error(`the page has posted nothing:\n${output}`)), TIMEOUT);
	});
	try {
		return await Promise.race([results, failure]);
	} finally {
		clearTimeout(timer);
		process.removeListener('exit', kill);
		process.removeListener('SIGTERM', exit);
		browser.removeAllListeners('exit');
		if (browser.exitCode === null) {
			kill();
			await once(browser, 'exit');
		}

		server.closeAllConnections();
		server.close();
		rmSync(profile, {recursive: true, force: true, maxRetries: 10});
	}
};
