// Follows links from page to page, politely.

import pLimit, {retryAfter} from 'p-lanes';
import {Frontier} from './frontier.mjs';
import {parseRobots} from './robots.mjs';

const get = async url => {
	// Redirects are links like others: they may lead to another host, or to what robots.txt does not allow.
	const response = await fetch(url, {redirect: 'manual', signal: AbortSignal.timeout(10_000)});
	if (response.status >= 400) {
		await response.body?.cancel();
		throw Object.assign(new Error(`${response.status}`), {status: response.status, response});
	}

	return response;
};

const retry = {
	retries: 2,
	retryAfter,
	shouldRetry: ({error: {status}}) => status === undefined || status === 429 || status >= 500,
};

/** The links of a page, as absolute URLs. A crawler for the real web takes a parser of HTML. */
const linksOf = (html, base) =>
	[...html.matchAll(/href="([^"]*)"/g)]
		.map(([, href]) => (URL.canParse(href, base) ? new URL(href, base) : undefined))
		.filter(url => url?.protocol === 'http:' || url?.protocol === 'https:')
		.map(url => {
			url.hash = '';
			return url.href;
		});

const download = async url => {
	const response = await get(url);
	const location = response.headers.get('location');
	if (location !== null) {
		return {url, links: [new URL(location, url).href]};
	}

	if (!response.headers.get('content-type')?.startsWith('text/html')) {
		await response.body?.cancel();
		return {url, links: []};
	}

	const html = await response.text();
	return {url, title: /<title>(.*?)<\/title>/s.exec(html)?.[1], links: linksOf(html, url)};
};

/**
 * Gives pages as they come: `{url, depth, title, links}`, or `{url, depth, error, links: []}`. No more than `ahead` pages are downloaded, or
 * wait for their host, before somebody takes them.
 *
 * @param {object} options
 * @param {string[]} options.seeds - URLs to begin with.
 * @param {number} options.depth - How many links away from a seed a page may be.
 * @param {number} options.pages - How many URLs are visited at most.
 * @param {number} options.total - How many requests may run at once, of all hosts together.
 * @param {number} options.delay - Milliseconds between two requests to a host whose robots.txt does not say.
 * @param {number} [options.ahead] - See above.
 */
export async function* crawl({seeds, depth: deepest, pages, total, delay, ahead = 100}) {
	// One request at a time for each host, and a time between them.
	const limits = pLimit.keyed({concurrency: 1, rate: {limit: 1, interval: delay}, total});
	const hosts = new Map();

	const openHost = async origin => {
		const limit = limits(origin);
		const text = await limit
			.run(async () => (await get(`${origin}/robots.txt`)).text(), {retry})
			.catch(error => {
				if (error.status >= 400 && error.status < 500) {
					return ''; // no robots.txt: everything is allowed
				}

				throw error;
			});
		const robots = parseRobots(text);
		if (robots.delay !== undefined) {
			limit.rate = {limit: 1, interval: robots.delay};
		}

		return {limit, robots};
	};

	const hostOf = origin => {
		if (!hosts.has(origin)) {
			hosts.set(origin, openHost(origin));
		}

		return hosts.get(origin);
	};

	const visit = async ({url, depth}) => {
		try {
			const {origin, pathname} = new URL(url);
			const {limit, robots} = await hostOf(origin);
			if (!robots.allows(pathname)) {
				return {url, depth, links: [], error: new Error('not allowed by robots.txt')};
			}

			return {depth, ...(await limit.run(() => download(url), {retry}))};
		} catch (error) {
			return {url, depth, links: [], error};
		}
	};

	const frontier = new Frontier({most: pages});
	for (const seed of seeds) {
		frontier.add(new URL(seed).href, 0);
	}

	// The hosts' limits say what runs; the stream says how much is under way.
	for await (const page of pLimit(Infinity).stream(frontier, visit, {ordered: false, highWaterMark: ahead})) {
		if (page.depth < deepest) {
			for (const link of page.links) {
				frontier.add(link, page.depth + 1);
			}
		}

		frontier.done();
		yield page;
	}
}
