'use strict';

const assert = require('node:assert/strict');
const {readFileSync} = require('node:fs');
const path = require('node:path');
const {setTimeout: sleep} = require('node:timers/promises');
const {test} = require('node:test');
const {folderFor, run, start, until} = require('./program.js');

const startSite = async (t, options) => {
	const args = Object.entries({latency: 20, delay: 0.01, ...options}).flatMap(([name, value]) => [
		`--${name}`,
		String(value),
	]);
	const {printed} = start(t, 'crawler/site.mjs', args);
	const [, urls] = await printed(/site: (.*)\n/);
	const seeds = urls.split(' ');
	const origins = seeds.map(seed => new URL(seed).origin);
	return {seeds, origins, figures: async () => (await fetch(`${origins[0]}/figures`)).json()};
};

const crawl = async (t, args) => {
	const output = path.join(folderFor(t), 'pages.jsonl');
	const ended = await run(t, 'crawler/crawler.mjs', ['--output', output, ...args]);
	return {
		...ended,
		pages: readFileSync(output, 'utf8')
			.split('\n')
			.filter(Boolean)
			.map(line => JSON.parse(line)),
	};
};

test('visits each page of all hosts once, and politely', async t => {
	const {seeds, origins, figures} = await startSite(t, {hosts: 3, pages: 10});
	// The other hosts are found by links. Nobody would wait ten minutes for a page: robots.txt asks for less.
	const {code, stdout, stderr, pages} = await crawl(t, [
		'--depth',
		'30',
		'--delay',
		'600000',
		'--total',
		'2',
		seeds[0],
	]);
	assert.equal(code, 0);
	assert.match(stdout, /\n33 pages, 63 links without a page\n$/);
	assert.equal(stderr.match(/\/private\/\d: not allowed by robots\.txt\n/g).length, 30);
	assert.equal(stderr.match(/\/pages\/\d\d: 404\n/g).length, 33);

	const paths = ['/moved', ...Array.from({length: 10}, (_, page) => `/pages/${page}`)];
	const expected = origins.flatMap(origin => paths.map(path => origin + path));
	assert.deepEqual(pages.map(({url}) => url).sort(), [...expected].sort());
	const {title} = pages.find(({url}) => url === `${origins[1]}/pages/7`);
	assert.equal(title, 'Page 7 of host 1');

	const {requests, mostOfHost, mostOfAll} = await figures();
	for (const origin of origins) {
		assert.equal(requests[`${origin}/robots.txt`], 1);
		assert.equal(requests[`${origin}/pages/1`], 2); // 503 at first
	}

	for (const url of expected.filter(url => !url.endsWith('/pages/1'))) {
		assert.equal(requests[url], 1, url);
	}

	assert.deepEqual(
		Object.keys(requests).filter(url => url.includes('/private/')),
		[],
	);
	assert.equal(mostOfHost, 1);
	assert.ok(mostOfAll <= 2);
});

test('goes no deeper than it is told to', async t => {
	const {seeds, origins} = await startSite(t, {hosts: 1, pages: 100});
	const {pages} = await crawl(t, ['--depth', '2', '--delay', '1', seeds[0]]);
	const depths = pages.map(({url, depth}) => [url.replace(origins[0], ''), depth]);
	assert.deepEqual(Object.fromEntries(depths), {
		'/pages/0': 0,
		'/pages/1': 1,
		'/pages/2': 1,
		'/moved': 1,
		'/pages/3': 2,
		'/pages/4': 2,
		'/pages/5': 2,
		'/pages/6': 2,
	});
});

test('visits no more pages than it is told to', async t => {
	const {seeds, figures} = await startSite(t, {hosts: 2, pages: 100});
	const {code, stdout} = await crawl(t, ['--pages', '7', '--depth', '30', ...seeds]);
	assert.equal(code, 0);
	const [, stored, failed] = /(\d+) pages, (\d+) links without a page\n$/.exec(stdout);
	assert.equal(Number(stored) + Number(failed), 7);
	const visited = Object.keys((await figures()).requests).filter(url => !url.endsWith('/robots.txt'));
	assert.ok(visited.length <= 7);
});

test('downloads no faster than pages are stored', async t => {
	const {origins, figures} = await startSite(t, {hosts: 2, pages: 40});
	const {crawl} = await import('../../examples/crawler/crawl.mjs');
	const seeds = origins.flatMap(origin => Array.from({length: 20}, (_, page) => `${origin}/pages/${page}`));
	const requested = async () =>
		Object.keys((await figures()).requests).filter(url => !url.endsWith('/robots.txt')).length;

	const pages = crawl({seeds, depth: 0, pages: 40, total: 8, delay: 1, ahead: 5});
	await pages.next();
	// Nobody asks for more: the page that was taken, and five ahead of it.
	await until(async () => (await requested()) === 6);
	await sleep(300);
	assert.equal(await requested(), 6);

	let count = 1;
	for await (const {error} of pages) {
		assert.equal(error, undefined);
		count++;
	}

	assert.equal(count, 40);
	assert.equal(await requested(), 40);
});

test('a host that can not be reached', async t => {
	const {code, stdout, stderr} = await crawl(t, ['http://127.0.0.1:1/']);
	assert.match(stderr, /^0 http:\/\/127\.0\.0\.1:1\/: /);
	assert.equal(stdout, '0 pages, 1 links without a page\n');
	assert.equal(code, 1);
});

test('options that can not be used', async t => {
	for (const [args, message] of [
		[[], /A URL is needed/],
		[['example.com'], /'example.com' is no http URL/],
		[['--total', '0', 'http://127.0.0.1:1/'], /--total must be a whole number from 1, got '0'/],
	]) {
		const {code, stderr} = await run(t, 'crawler/crawler.mjs', args);
		assert.match(stderr, message);
		assert.equal(code, 2);
	}
});
