'use strict';

// The page of the dashboard in a browser. Skipped where no Chromium is installed; `CHROMIUM` may name one.

const assert = require('node:assert/strict');
const {once} = require('node:events');
const http = require('node:http');
const {after, before, describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {dashboard} = require('p-lanes/dashboard');
const {Browser, findBrowser} = require('./browser.js');

const HOSTILE = `<img src=x onerror="globalThis.hacked = true">'"&amp;<script>hacked = true</script>`;

const name = findBrowser();
const skip = name === undefined && 'no Chromium is installed';

describe('the page of a dashboard in a browser', {skip, timeout: 120_000}, () => {
	let browser;
	let end;
	let view;
	const ended = new Promise(resolve => {
		end = resolve;
	});

	before(async () => {
		const api = pLimit({concurrency: 4, reserve: 1, rate: {limit: 1000, interval: 1000, burst: 1000}});
		const hostile = pLimit(3);
		api.with({label: 'a long one'})(() => ended);
		api.offline.map(Array(5).keys(), () => ended);
		const hosts = pLimit.keyed({concurrency: 1});
		hosts(HOSTILE).map([1, 2], () => ended);
		hostile.with({label: HOSTILE})(() => ended);
		view = await dashboard({
			limits: {api, [HOSTILE]: hostile, hosts},
			pools: {cpu: new pLimit.Pool({maxThreads: 2})},
			interval: 100,
		});
		browser = new Browser(name);
		await browser.open(view.url);
		await browser.waitFor(`document.querySelectorAll('.block').length === 4`);
	});

	after(async () => {
		end();
		await browser?.close();
		await view?.close();
	});

	test('shows each limit and pool, with its lanes', async () => {
		const names = await browser.evaluate(`[...document.querySelectorAll('h2 .name')].map(name => name.textContent)`);
		assert.deepEqual(names, ['api', HOSTILE, 'hosts', 'cpu']);
		const rows = await browser.evaluate(
			`[...document.querySelectorAll('.block')][0].querySelector('table').innerText.split('\\n').map(row => row.split('\\t'))`,
		);
		assert.deepEqual(rows[0].slice(1), ['online', 'offline']);
		assert.deepEqual(
			rows.find(([title]) => title === 'running'),
			['running', '1', '3'],
		);
		assert.deepEqual(
			rows.find(([title]) => title === 'waiting'),
			['waiting', '0', '2'],
		);
		const facts = await browser.evaluate(`document.querySelector('.facts').textContent`);
		assert.equal(facts, '4 of 4 slots · 1 reserved (fixed) · rate: 1000 of 1000 left, 1000 in 1 s');
	});

	test('draws the slots', async () => {
		const cells = await browser.evaluate(`[...document.querySelector('.cells').children].map(cell => cell.className)`);
		assert.deepEqual(cells, ['online', 'offline', 'offline', 'offline']);
	});

	test('draws lines that grow', async () => {
		const points = `document.querySelector('path.line.offline').getAttribute('d').split('L').length`;
		const first = await browser.evaluate(points);
		assert.ok((await browser.waitFor(`${points} > ${first} && ${points}`)) > first);
	});

	test('lists what runs longest', async () => {
		const calls = await browser.evaluate(
			`[...document.querySelectorAll('#longest tbody tr')].map(row => row.children[0].textContent)`,
		);
		assert.deepEqual(calls.sort(), ['(anonymous)', HOSTILE, 'a long one'].sort());
	});

	test('lists the busiest keys of keyed limits', async () => {
		const rows = await browser.evaluate(
			`[...document.querySelectorAll('.block')][2].querySelector('tbody').innerText.split('\\n').map(row => row.split('\\t'))`,
		);
		assert.deepEqual(rows, [[HOSTILE, '1', '1']]);
	});

	test('shows no name, label or key as HTML', async () => {
		assert.equal(await browser.evaluate('globalThis.hacked'), undefined);
		assert.equal(await browser.evaluate(`document.querySelectorAll('main img, main script, #longest img').length`), 0);
	});

	test('breaks no rule of its own policy, and writes nothing to the console', () => {
		assert.deepEqual(browser.messages, []);
	});

	test('cannot be read by another page', async () => {
		const server = http
			.createServer((_, response) => response.setHeader('content-type', 'text/html').end('another page'))
			.listen(0, '127.0.0.1');
		await once(server, 'listening');
		const other = new Browser(name);
		try {
			await other.open(`http://127.0.0.1:${server.address().port}/`);
			const read = `fetch('${view.url}events').then(() => 'read', () => 'refused')`;
			assert.equal(await other.evaluate(read), 'refused');
			const heard = `new Promise(resolve => {
				const events = new EventSource('${view.url}events');
				events.onmessage = () => resolve('heard');
				events.onerror = () => { events.close(); resolve('refused'); };
			})`;
			assert.equal(await other.evaluate(heard), 'refused');
			const framed = `new Promise(resolve => {
				const frame = document.createElement('iframe');
				frame.onload = () => {
					let isOpen = false;
					try { isOpen = frame.contentDocument !== null; } catch {}
					resolve(isOpen ? 'empty or open' : 'refused');
				};
				frame.src = '${view.url}';
				document.body.append(frame);
			})`;
			assert.equal(await other.evaluate(framed), 'refused');
		} finally {
			await other.close();
			server.close();
			server.closeAllConnections();
		}
	});

	for (const [what, options] of [
		['on a telephone', {width: 360, height: 740}],
		['on a telephone in the dark', {width: 360, height: 740, isDark: true}],
		['on a wide screen', {width: 2000, height: 1000}],
	]) {
		test(`fits ${what}`, async () => {
			await browser.open(view.url, options);
			await browser.waitFor(`document.querySelectorAll('.block').length === 4`);
			assert.equal(await browser.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
		});
	}

	test('is light or dark as the system is', async () => {
		const colors = [];
		for (const isDark of [false, true]) {
			await browser.open(view.url, {isDark});
			colors.push(await browser.evaluate('getComputedStyle(document.body).backgroundColor'));
		}

		assert.notEqual(colors[0], colors[1]);
	});

	test('says that the process is gone, and comes back with it', async () => {
		await browser.open(view.url);
		await browser.waitFor(`document.getElementById('status').textContent === 'live'`);
		const port = Number(new URL(view.url).port);
		await view.close();
		await browser.waitFor(`document.getElementById('status').textContent.startsWith('no connection')`);
		view = await dashboard({limits: {api: pLimit(1), search: pLimit(1)}, port, interval: 100});
		await browser.waitFor(`document.getElementById('status').textContent === 'live'`);
		await browser.waitFor(`document.querySelectorAll('.block').length === 2`);
		const names = await browser.evaluate(`[...document.querySelectorAll('h2 .name')].map(name => name.textContent)`);
		assert.deepEqual(names, ['api', 'search'], 'what is shown no longer');
	});
});
