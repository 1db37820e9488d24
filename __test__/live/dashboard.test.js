'use strict';

// What a dashboard answers, to whom, and what it costs while nobody looks.

const assert = require('node:assert/strict');
const {execFileSync} = require('node:child_process');
const http = require('node:http');
const {afterEach, describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {dashboard} = require('p-lanes/dashboard');
const {ask, listen} = require('./page.js');

const opened = [];

const open = async options => {
	const view = await dashboard({interval: 100, ...options});
	opened.push(view);
	return view;
};

afterEach(async () => {
	await Promise.all(opened.splice(0).map(view => view.close()));
});

/** A limit that counts how often it is asked for its numbers. */
const counted = concurrency => {
	const limit = pLimit(concurrency);
	const {snapshot} = limit;
	limit.asked = 0;
	limit.snapshot = () => {
		limit.asked++;
		return snapshot.call(limit);
	};
	return limit;
};

describe('the page of a dashboard', () => {
	test('is there, with all that it loads', async () => {
		const {url} = await open({limits: {api: pLimit(1)}});
		const {status, headers, body} = await ask(url);
		assert.equal(status, 200);
		assert.match(headers['content-type'], /^text\/html/);
		const files = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file);
		assert.ok(files.length >= 4);
		for (const file of files) {
			assert.doesNotMatch(file, /:|\/\//, 'from elsewhere');
			assert.equal((await ask(url, file)).status, 200, file);
		}
	});

	test('may load nothing but its own scripts and styles, nor be in a frame', async () => {
		const {url} = await open({limits: {api: pLimit(1)}});
		for (const path of ['', 'page.js', 'nothing']) {
			const {headers} = await ask(url, path);
			const policy = headers['content-security-policy'];
			assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'/);
			assert.match(policy, /frame-ancestors 'none'/);
			assert.doesNotMatch(policy, /unsafe/);
			assert.equal(headers['x-content-type-options'], 'nosniff');
			assert.equal(headers['access-control-allow-origin'], undefined);
		}
	});

	test('needs no file once it is there', () => {
		const script = `
			const fs = require('node:fs');
			const pLimit = require('p-lanes');
			const {readFileSync} = fs;
			let isOpen = true;
			fs.readFileSync = (...given) => {
				if (!isOpen) {
					throw new Error('too many open files');
				}

				return readFileSync(...given);
			};
			const {dashboard} = require('p-lanes/dashboard');
			const {ask} = require('./page.js');
			dashboard({limits: {api: pLimit(1)}}).then(async ({url}) => {
				isOpen = false;
				for (const path of ['', 'page.css', 'page.js']) {
					console.log((await ask(url, path)).status);
				}
			});
		`;
		const out = execFileSync(process.execPath, ['-e', script], {cwd: __dirname, encoding: 'utf8', timeout: 60_000});
		assert.equal(out, '200\n200\n200\n');
	});

	test('has no other paths', async () => {
		const {url} = await open({limits: {api: pLimit(1)}});
		for (const path of ['dashboard.js', '..%2fdashboard.js', 'constructor', '__proto__', 'events/']) {
			assert.equal((await ask(url, path)).status, 404, path);
		}
	});

	test('is read-only', async () => {
		const {url} = await open({limits: {api: pLimit(1)}});
		for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
			for (const path of ['', 'events']) {
				const {status, headers} = await ask(url, path, {method});
				assert.deepEqual([status, headers.allow], [405, 'GET'], `${method} ${path}`);
			}
		}
	});
});

describe('who is answered', () => {
	test('a request that names the loopback interface and the port', async () => {
		const {url} = await open({limits: {api: pLimit(1)}});
		const {port} = new URL(url);
		for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, `LocalHost:${port}`]) {
			assert.equal((await ask(url, '', {headers: {host}})).status, 200, host);
		}
	});

	test('no other name: a page may point its own name at this machine', async () => {
		const {url} = await open({limits: {api: pLimit(1)}});
		const {port} = new URL(url);
		const hosts = [
			`attacker.example:${port}`,
			`localhost.attacker.example:${port}`,
			`127.0.0.1.attacker.example:${port}`,
			'localhost',
			'127.0.0.1:1',
			`0.0.0.0:${port}`,
			`localhost:${port}@attacker.example`,
		];
		for (const path of ['', 'page.js', 'events']) {
			for (const host of hosts) {
				const {status, body} = await ask(url, path, {headers: {host}});
				assert.equal(status, 403, host);
				assert.doesNotMatch(body, /api/);
			}
		}
	});

	test('no stream for another page', async () => {
		const limit = counted(1);
		const {url} = await open({limits: {limit}});
		const origin = new URL(url).origin;
		for (const headers of [
			{origin: 'http://attacker.example'},
			{origin: 'null'},
			{origin: origin.replace('http:', 'https:')},
			{origin: `${origin}0`},
			{'sec-fetch-site': 'cross-site'},
			{'sec-fetch-site': 'same-site'},
			{origin, 'sec-fetch-site': 'cross-site'},
		]) {
			assert.equal((await ask(url, 'events', {headers})).status, 403, JSON.stringify(headers));
		}

		assert.equal(limit.asked, 0);
	});

	test('only this machine: it listens on 127.0.0.1', async () => {
		const {url} = await open({limits: {api: pLimit(1)}});
		assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
	});
});

describe('the samples of a dashboard', () => {
	test('tell what limits and pools do', async () => {
		const limit = pLimit({concurrency: 4, reserve: 1, rate: {limit: 100, interval: 1000, burst: 10}});
		const pool = new pLimit.Pool({maxThreads: 3});
		const {url} = await open({limits: {limit, open: pLimit(Number.POSITIVE_INFINITY)}, pools: {pool}});
		let end;
		const ended = new Promise(resolve => {
			end = resolve;
		});
		const calls = [limit.with({label: 'a call'})(() => ended), limit.offline.map(Array(5).keys(), () => ended)];
		const stream = await listen(url);
		const {process: told, interval, blocks} = await stream.next();
		assert.equal(told.pid, process.pid);
		assert.equal(interval, 100);
		const [first, second, third] = blocks;
		assert.deepEqual([first.kind, first.name, first.slots], ['limit', 'limit', 4]);
		assert.deepEqual([first.online.active, first.offline.active, first.offline.pending], [1, 3, 2]);
		assert.equal(first.online.oldest.label, 'a call');
		assert.deepEqual([first.reserve.slots, first.reserve.reason], [1, 'fixed']);
		assert.equal(first.rate.burst, 10);
		assert.deepEqual([second.name, second.slots], ['open', null]);
		assert.deepEqual([third.kind, third.name, third.slots, third.threads], ['pool', 'pool', 3, 0]);

		end();
		await Promise.all(calls);
		let later;
		do {
			later = (await stream.next()).blocks[0];
		} while (later.offline.started === 0 && later.offline.active > 0);
		assert.deepEqual([later.online.active, later.offline.pending], [0, 0]);
		stream.close();
	});

	test('tell of keyed limits the keys with the most calls', async () => {
		const hosts = pLimit.keyed({concurrency: 1});
		let end;
		const ended = new Promise(resolve => {
			end = resolve;
		});
		for (const [key, calls] of [
			['a', 1],
			['b', 3],
			[{an: 'object'}, 2],
			['idle', 0],
			['c', 1],
			['d', 1],
			['e', 1],
		]) {
			hosts(key).map(Array(calls).keys(), () => ended);
		}

		const {url} = await open({limits: {hosts}});
		const stream = await listen(url);
		const [{kind, name, keys, active, pending, busiest}] = (await stream.next()).blocks;
		assert.deepEqual([kind, name, keys, active, pending], ['keyed', 'hosts', 7, 6, 3]);
		assert.deepEqual(busiest.slice(0, 2), [
			{key: 'b', active: 1, pending: 2},
			{key: "{ an: 'object' }", active: 1, pending: 1},
		]);
		assert.equal(busiest.length, 5);
		stream.close();
		end();
	});

	test('are the same for all who listen, and end with the last of them', async () => {
		const limit = counted(1);
		const {url} = await open({limits: {limit}});
		await ask(url);
		assert.equal(limit.asked, 0, 'the page alone asks for nothing');

		const streams = [await listen(url), await listen(url)];
		const [first, second] = await Promise.all(
			streams.map(async stream => {
				await stream.next();
				return stream.next();
			}),
		);
		assert.equal(first.time, second.time);

		for (const stream of streams) {
			stream.close();
		}

		await new Promise(resolve => setTimeout(resolve, 300));
		const {asked} = limit;
		await new Promise(resolve => setTimeout(resolve, 300));
		assert.equal(limit.asked, asked, 'nobody listens, and samples are taken');
	});

	test('are not sent to more than a few', async () => {
		const {url} = await open({limits: {api: pLimit(1)}});
		const streams = await Promise.all(Array.from({length: 32}, () => listen(url)));
		await Promise.all(streams.map(stream => stream.next()));
		assert.equal((await ask(url, 'events')).status, 503);
		for (const stream of streams) {
			stream.close();
		}
	});
});

describe('the end of a dashboard', () => {
	test('closes the connections that are open, and the port', async () => {
		const view = await open({limits: {api: pLimit(1)}});
		const stream = await listen(view.url);
		await stream.next();
		await Promise.all([view.close(), view.close()]);
		await assert.rejects(ask(view.url), {code: 'ECONNREFUSED'});
		const again = await open({limits: {api: pLimit(1)}, port: Number(new URL(view.url).port)});
		assert.equal(again.url, view.url);
	});

	test('does not wait for it: neither the server nor an open page keeps the process', () => {
		const script = `
			const http = require('node:http');
			const pLimit = require('p-lanes');
			require('p-lanes/dashboard').dashboard({limits: {api: pLimit(1)}}).then(({url}) => {
				const agent = http.get(new URL('events', url), response => {
					response.once('data', () => {
						response.socket.unref();
						console.log('sampled');
					});
				});
			});
		`;
		const out = execFileSync(process.execPath, ['-e', script], {cwd: __dirname, encoding: 'utf8', timeout: 60_000});
		assert.equal(out, 'sampled\n');
	});
});

describe('bad input of a dashboard', () => {
	const api = pLimit(1);
	for (const [options, message] of [
		[undefined, '`options` must be an object, got undefined'],
		[{}, 'there is nothing to show: give `limits` or `pools`, such as {limits: {api}}'],
		[{limits: {}}, 'there is nothing to show: give `limits` or `pools`, such as {limits: {api}}'],
		[{limits: {api: {}}}, '`limits.api` must be a limit, or what `pLimit.keyed` returns, got {}'],
		[{limits: {api: () => {}}}, '`limits.api` must be a limit, or what `pLimit.keyed` returns, got [Function: api]'],
		[{limits: api}, /^`limits` must be an object/],
		[{limits: {'': api}}, "a name in `limits` must be a string that is not empty, got ''"],
		[{pools: {cpu: api}}, /^`pools.cpu` must be a `Pool`/],
		[{limits: {api}, port: 65_536}, '`port` must be a whole number from 0 to 65535, got 65536'],
		[{limits: {api}, port: '80'}, "`port` must be a whole number from 0 to 65535, got '80'"],
		[{limits: {api}, interval: 99}, '`interval` must be a number of milliseconds from 100 to 2147483647, got 99'],
		[{limits: {api}, limit: api}, '`limit` is not an option; did you mean `limits`?'],
		[{limits: {api}, host: '0.0.0.0'}, /^`host` is not an option; the dashboard listens on 127\.0\.0\.1 alone/],
	]) {
		test(`${message}`, async () => {
			await assert.rejects(dashboard(options), {code: 'ERR_INVALID_ARG', message});
		});
	}

	test('a port that is taken', async () => {
		const server = http.createServer().listen(0, '127.0.0.1');
		await new Promise(resolve => server.once('listening', resolve));
		await assert.rejects(dashboard({limits: {api}, port: server.address().port}), {code: 'EADDRINUSE'});
		server.close();
	});
});
