// Crawls from some URLs, and writes a line of JSON for each page.

import {open} from 'node:fs/promises';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {crawl} from './crawl.mjs';

const USAGE = `Usage: node crawler.mjs [options] URL ...
  --depth   links from a URL to a page at most; default 2
  --pages   to visit at most; default 1000
  --total   requests at once; default 8
  --delay   milliseconds between two requests to a host that does not say; default 1000
  --output  default pages.jsonl`;

const numberOf = (name, text, least) => {
	const number = Number(text);
	if (!Number.isInteger(number) || number < least) {
		throw new Error(`--${name} must be a whole number from ${least}, got '${text}'`);
	}

	return number;
};

const readOptions = () => {
	const {values, positionals: seeds} = parseArgs({
		options: {
			depth: {type: 'string', default: '2'},
			pages: {type: 'string', default: '1000'},
			total: {type: 'string', default: '8'},
			delay: {type: 'string', default: '1000'},
			output: {type: 'string', default: 'pages.jsonl'},
		},
		allowPositionals: true,
	});
	const wrong = seeds.find(seed => !/^https?:/.test(seed) || !URL.canParse(seed));
	if (seeds.length === 0 || wrong !== undefined) {
		throw new Error(wrong === undefined ? 'A URL is needed' : `'${wrong}' is no http URL`);
	}

	return {
		seeds,
		output: values.output,
		depth: numberOf('depth', values.depth, 0),
		pages: numberOf('pages', values.pages, 1),
		total: numberOf('total', values.total, 1),
		delay: numberOf('delay', values.delay, 1),
	};
};

const main = async () => {
	const {output, ...options} = readOptions();
	const file = await open(output, 'w');
	let stored = 0;
	let failed = 0;
	for await (const {url, depth, title, links, error} of crawl(options)) {
		if (error === undefined) {
			// The crawl goes on no faster than this.
			await file.appendFile(`${JSON.stringify({url, depth, title, links: links.length})}\n`);
			stored++;
			console.log(`${depth} ${url}`);
		} else {
			failed++;
			console.error(`${depth} ${url}: ${error.cause?.message ?? error.message}`);
		}
	}

	await file.close();
	console.log(`${stored} pages, ${failed} links without a page`);
	process.exitCode = stored > 0 ? 0 : 1;
};

main().catch(error => {
	console.error(`${error.message}\n${USAGE}`);
	process.exitCode = 2;
});
