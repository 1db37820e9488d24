'use strict';

// Each link of the README, of docs/ and of the other documents leads to a file that is there, and to a heading in it.

const assert = require('node:assert/strict');
const {existsSync, readdirSync, readFileSync} = require('node:fs');
const path = require('node:path');
const {before, describe, test} = require('node:test');
const {root} = require('./blocks.js');

const documents = [
	...readdirSync(root).filter(name => name.endsWith('.md')),
	...['docs', 'lib', 'src', 'examples']
		.filter(folder => existsSync(path.join(root, folder)))
		.flatMap(folder =>
			readdirSync(path.join(root, folder), {recursive: true})
				.filter(name => name.endsWith('.md') && !name.includes('node_modules'))
				.map(name => path.join(folder, name)),
		),
];

const LINK = /\[(?:[^[\]]|\[[^\]]*\])*\]\(<?([^)<>\s]+)>?(?: "[^"]*")?\)/g;

/** The lines of a document that are no code. */
const proseOf = document => {
	let isCode = false;
	return readFileSync(path.join(root, document), 'utf8')
		.split('\n')
		.filter(line => {
			if (/^\s*(```|~~~)/.test(line)) {
				isCode = !isCode;
				return false;
			}

			return !isCode && !line.startsWith('    ');
		});
};

const linksOf = document =>
	proseOf(document).flatMap(line => [...line.replaceAll(/`[^`]*`/g, '').matchAll(LINK)].map(([, target]) => target));

let headings;

/** The anchors of a document. A heading that comes again has a number behind it. */
const anchorsOf = document => {
	const counts = new Map();
	return proseOf(document)
		.map(line => /^#{1,6} (.*)$/.exec(line)?.[1])
		.filter(heading => heading !== undefined)
		.map(heading => {
			const slug = headings.slugOf(headings.plainOf(heading));
			const count = counts.get(slug) ?? 0;
			counts.set(slug, count + 1);
			return count === 0 ? slug : `${slug}-${count}`;
		});
};

/** Why a link leads nowhere; undefined if it leads somewhere, or to the web. */
const faultOf = (document, target) => {
	if (/^[a-z]+:/.test(target)) {
		return undefined;
	}

	const [file, anchor] = target.split('#');
	const found = file === '' ? document : path.join(path.dirname(document), decodeURI(file));
	if (!existsSync(path.join(root, found))) {
		return `${target}: there is no ${found}`;
	}

	if (anchor === undefined || !found.endsWith('.md') || anchorsOf(found).includes(anchor)) {
		return undefined;
	}

	return `${target}: no heading of ${found} has that anchor`;
};

describe('links of documents', () => {
	before(async () => {
		headings = await import('./headings.mjs');
	});

	test('the anchors of headings are those of GitHub', () => {
		const anchors = [
			["2. `nested: 'lend'`", '2-nested-lend'],
			['Where a call’s time goes: `stats()`', 'where-a-calls-time-goes-stats'],
			['From [p-limit](https://example.com), in one line', 'from-p-limit-in-one-line'],
			['snake_case & more', 'snake_case--more'],
		];
		for (const [heading, anchor] of anchors) {
			assert.equal(headings.slugOf(headings.plainOf(heading)), anchor);
		}
	});

	for (const document of documents) {
		test(document, () => {
			assert.deepEqual(
				linksOf(document)
					.map(target => faultOf(document, target))
					.filter(fault => fault !== undefined),
				[],
			);
		});
	}

	test('the documents that the types, the messages and the comments name', () => {
		const sources = ['lib', 'src', '.'].flatMap(folder =>
			readdirSync(path.join(root, folder), {recursive: folder !== '.'})
				.filter(name => /\.(ts|mts|js|mjs|rs)$/.test(name))
				.map(name => path.join(folder, name)),
		);
		const named = sources.flatMap(name => [
			...new Set(readFileSync(path.join(root, name), 'utf8').match(/\bdocs\/[\w/-]+\.md/g)),
		]);
		assert.ok(named.length > 5, `${named.length} names`);
		assert.deepEqual(
			named.filter(document => !existsSync(path.join(root, document))),
			[],
		);
	});
});
