// Stands for the web: some hosts on loopback, whose pages link to each other. Each host has a robots.txt of its own.

import {once} from 'node:events';
import {createServer} from 'node:http';
import {setTimeout as sleep} from 'node:timers/promises';
import {parseArgs} from 'node:util';

const {values} = parseArgs({
	options: {
		hosts: {type: 'string', default: '3'},
		pages: {type: 'string', default: '30'}, // of each host
		delay: {type: 'string', default: '0.2'}, // seconds, which robots.txt asks for
		latency: {type: 'string', default: '100'}, // milliseconds
	},
});
const hosts = Number(values.hosts);
const pages = Number(values.pages);

/** For `/figures`: how often each path was asked for, and how many requests ran at a time. */
const figures = {requests: {}, mostOfHost: 0, mostOfAll: 0};
const origins = [];
let running = 0;

/** Page 3 links to pages 7 and 8 of its host, to page 3 of the next host, and to what is no page or not for crawlers. */
const linksOf = (host, page) =>
	[
		`/pages/${2 * page + 1}`,
		`/pages/${2 * page + 2}#title`,
		`${origins[(host + 1) % hosts]}/pages/${page}`,
		`/pages/${page}`,
		`/private/${page}`,
		'/moved',
		'mailto:webmaster@example.com',
	].map(href => `<a href="${href}">${href}</a>`);

const answer = (host, path, isFirst, response) => {
	const page = Number(/^\/pages\/(\d+)$/.exec(path)?.[1] ?? Number.NaN);
	if (path === '/robots.txt') {
		response.end(`# host ${host}\nUser-agent: *\nDisallow: /private/\nCrawl-delay: ${values.delay}\n`);
	} else if (path === '/moved') {
		response.writeHead(301, {location: '/pages/0'}).end();
	} else if (page === 1 && isFirst) {
		response.writeHead(503, {'retry-after': '0'}).end(); // for once
	} else if (page < pages) {
		response.setHeader('content-type', 'text/html');
		response.end(`<title>Page ${page} of host ${host}</title>\n${linksOf(host, page).join('\n')}\n`);
	} else {
		response.writeHead(404).end();
	}
};

for (let host = 0; host < hosts; host++) {
	let runningHere = 0;
	const server = createServer(async (request, response) => {
		if (request.url === '/figures') {
			response.end(JSON.stringify(figures));
			return;
		}

		const url = origins[host] + request.url;
		const isFirst = figures.requests[url] === undefined;
		figures.requests[url] = (figures.requests[url] ?? 0) + 1;
		figures.mostOfHost = Math.max(figures.mostOfHost, ++runningHere);
		figures.mostOfAll = Math.max(figures.mostOfAll, ++running);
		await sleep(Number(values.latency));
		runningHere--;
		running--;
		answer(host, request.url, isFirst, response);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const {port} = /** @type {import('node:net').AddressInfo} */ (server.address());
	origins.push(`http://127.0.0.1:${port}`);
}

console.log(`site: ${origins.map(origin => `${origin}/pages/0`).join(' ')}`);
