// The site is made of site/pages: the documents of the repository, which documents.mjs copies, and the API, which api.mjs writes.

import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {defineConfig} from 'vitepress';
import {slugOf} from '../../__test__/docs/headings.mjs';
import {linksOfDocuments} from '../documents.mjs';
import {api, pages, site} from '../places.mjs';

/** Pages that the sidebar has under a name of its own, or not among the others. */
const NAMED = ['index', 'install', 'CHANGELOG', 'CONTRIBUTING', 'observability', 'live-view'];

/** The heading of a document. */
const titleOf = file => /^# (.*)$/m.exec(readFileSync(path.join(pages, file), 'utf8'))[1].replaceAll(/[`\\]/g, '');

/** The documents among these that are there: a page of the sidebar may be written later, or elsewhere. */
const items = (folder, names) =>
	names
		.map(name => ({name, file: path.join(folder, `${name}.md`)}))
		.filter(({file}) => existsSync(path.join(pages, file)))
		.map(({file}) => ({text: titleOf(file), link: `/${file.replace(/\.md$/, '')}`}));

const start = ['getting-started', 'choosing', 'typescript', 'bundlers', 'moving'];
const guide = [
	'lanes',
	'batches',
	'retries',
	'rates',
	'tenants',
	'adaptive',
	'nested',
	'cpu-work',
	'pool',
	'threads',
	'machines',
	'shutdown',
	'observability',
	'testing',
	'errors',
];

/** The documents of a folder that are in none of the lists. */
const rest = (folder, listed) =>
	existsSync(path.join(pages, folder))
		? readdirSync(path.join(pages, folder))
				.filter(name => name.endsWith('.md'))
				.map(name => name.replace(/\.md$/, ''))
				.filter(name => !listed.includes(name))
		: [];

const background = ['api', 'how-it-works', 'figures', 'reliability', 'compatibility'];

const guideSidebar = [
	{text: 'Start', items: [{text: 'p-lanes', link: '/'}, ...items('', ['install']), ...items('guide', start)]},
	{
		text: 'Guide',
		items: [
			...items('guide', [...guide, ...rest('guide', [...start, ...guide])]),
			...items('', ['observability', 'live-view']),
		],
	},
	{
		text: 'Background',
		items: [
			...items('', [...background, ...rest('', [...background, ...NAMED])]),
			...items('how', rest('how', [])),
			{text: 'Changelog', link: '/CHANGELOG'},
			{text: 'Contributing', link: '/CONTRIBUTING'},
		],
	},
];

const KINDS = ['functions', 'classes', 'variables', 'interfaces', 'type-aliases'];

/** The pages of the API by their kinds, which are folders. */
const apiSidebar = (folder = api, depth = 0) =>
	readdirSync(folder, {withFileTypes: true})
		.sort((a, b) => KINDS.indexOf(a.name) - KINDS.indexOf(b.name) || a.name.localeCompare(b.name))
		.filter(({name}) => name !== 'index.md')
		.map(entry => {
			const full = path.join(folder, entry.name);
			return entry.isDirectory()
				? {text: entry.name.replaceAll('-', ' '), collapsed: depth > 0, items: apiSidebar(full, depth + 1)}
				: {
						text: entry.name.replace(/\.md$/, ''),
						link: `/reference/${path.relative(api, full).replaceAll(path.sep, '/').replace(/\.md$/, '')}`,
					};
		});

/** Two lanes. */
const icon =
	'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M1 3h14v4H1z" fill="#0969da"/><path d="M1 9h9v4H1z" fill="#bc4c00"/></svg>';

export default defineConfig({
	title: 'p-lanes',
	description: 'p-limit with lanes: batch work that never delays what someone waits for',
	lang: 'en',
	head: [['link', {rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(icon)}`}]],
	srcDir: 'pages',
	outDir: path.join(site, 'dist'),
	cacheDir: path.join(site, '.vitepress/cache'),
	cleanUrls: true,
	lastUpdated: false,
	markdown: {
		anchor: {slugify: slugOf},
		preConfig: linksOfDocuments,
	},
	// Pages that another tool writes. links.mjs checks in the built site that they are there.
	ignoreDeadLinks: [/^\/rust\//],
	themeConfig: {
		search: {provider: 'local'},
		outline: {level: [2, 3]},
		nav: [
			{text: 'Guide', link: '/guide/getting-started', activeMatch: '^/guide/'},
			{text: 'API', link: '/reference/', activeMatch: '^/reference/'},
			{text: 'Rust', link: '/rust/p_lanes/', target: '_blank'},
			{text: 'Figures', link: '/figures'},
		],
		sidebar: {
			'/reference/': [{text: 'API', link: '/reference/', items: apiSidebar()}],
			'/': guideSidebar,
		},
		docFooter: {prev: 'Previous', next: 'Next'},
	},
	vite: {
		publicDir: false,
		build: {chunkSizeWarningLimit: 2000},
	},
});
