// The site is made of the documents as they lie in the repository, and of the API that api.mjs has written.

import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {defineConfig} from 'vitepress';
import {slugOf} from '../../__test__/docs/headings.mjs';
import {api, root, site} from '../places.mjs';
import {linksOfDocuments} from './links.mjs';

const PAGES = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md'];
const FOLDERS = ['docs', 'site'];

/** Everything in the repository that is no page, so that it is not searched for pages. */
const others = [
	...readdirSync(root).filter(name => !PAGES.includes(name) && !FOLDERS.includes(name)),
	...readdirSync(site)
		.filter(name => path.join(site, name) !== api)
		.map(name => `site/${name}`),
].flatMap(name => [name, `${name}/**`]);

const REWRITES = {
	'README.md': 'index.md',
	'docs/:path*': ':path*',
	'site/api/:path*': 'api/:path*',
};

/** The heading of a document. */
const titleOf = file => /^# (.*)$/m.exec(readFileSync(path.join(root, file), 'utf8'))[1].replaceAll(/[`\\]/g, '');

/** The documents among these that are there: a page of the sidebar may be written later, or elsewhere. */
const items = (folder, names) =>
	names
		.map(name => ({name, file: path.join(folder, `${name}.md`)}))
		.filter(({file}) => existsSync(path.join(root, file)))
		.map(({file}) => ({text: titleOf(file), link: `/${file.replace(/^docs\//, '').replace(/\.md$/, '')}`}));

const guide = [
	'getting-started',
	'choosing',
	'lanes',
	'batches',
	'retries',
	'rates',
	'adaptive',
	'nested',
	'cpu-work',
	'threads',
	'machines',
	'shutdown',
	'observability',
	'testing',
	'errors',
];
const start = ['install', 'typescript', 'moving'];

/** The documents of a folder that are in none of the lists. */
const rest = (folder, listed) =>
	existsSync(path.join(root, folder))
		? readdirSync(path.join(root, folder))
				.filter(name => name.endsWith('.md'))
				.map(name => name.replace(/\.md$/, ''))
				.filter(name => !listed.includes(name))
		: [];

const background = ['how-it-works', 'figures', 'reliability', 'compatibility'];

const guideSidebar = [
	{text: 'Start', items: [{text: 'p-lanes', link: '/'}, ...items('docs/guide', start)]},
	{
		text: 'Guide',
		items: [
			...items('docs/guide', [...guide, ...rest('docs/guide', [...start, ...guide])]),
			...items('docs', ['observability', 'recipes']),
		],
	},
	{
		text: 'Background',
		items: [
			...items('docs', [...background, ...rest('docs', [...background, 'observability', 'recipes'])]),
			...items('docs/how', rest('docs/how', [])),
			{text: 'Changelog', link: '/CHANGELOG'},
			{text: 'Contributing', link: '/CONTRIBUTING'},
		],
	},
];

/** The pages of the API by their kinds, which are folders: functions, classes, interfaces and so on. */
const apiSidebar = (folder = api, depth = 0) =>
	readdirSync(folder, {withFileTypes: true})
		.sort((a, b) => Number(b.isDirectory()) - Number(a.isDirectory()) || a.name.localeCompare(b.name))
		.filter(({name}) => name !== 'index.md')
		.map(entry => {
			const full = path.join(folder, entry.name);
			return entry.isDirectory()
				? {text: entry.name.replaceAll('-', ' '), collapsed: depth > 0, items: apiSidebar(full, depth + 1)}
				: {
						text: entry.name.replace(/\.md$/, ''),
						link: `/api/${path.relative(api, full).replaceAll(path.sep, '/').replace(/\.md$/, '')}`,
					};
		});

export default defineConfig({
	title: 'p-lanes',
	description: 'p-limit with lanes: batch work that never delays what someone waits for',
	lang: 'en',
	base: process.env.SITE_BASE ?? '/',
	srcDir: '..',
	srcExclude: others,
	rewrites: REWRITES,
	outDir: path.join(site, 'dist'),
	cacheDir: path.join(site, '.vitepress/cache'),
	cleanUrls: true,
	lastUpdated: false,
	markdown: {
		anchor: {slugify: slugOf},
		// Before others change the links.
		preConfig: markdown => linksOfDocuments(markdown, {root, rewrites: REWRITES}),
	},
	// Pages that another tool writes. links.mjs checks in the built site that they are there.
	ignoreDeadLinks: [/^\/rust\//],
	themeConfig: {
		search: {provider: 'local'},
		outline: {level: [2, 3]},
		nav: [
			{text: 'Guide', link: '/guide/getting-started', activeMatch: '^/guide/'},
			{text: 'API', link: '/api/', activeMatch: '^/api/'},
			{text: 'Rust', link: '/rust/p_lanes/', target: '_blank'},
			{text: 'Figures', link: '/figures'},
		],
		sidebar: {
			'/api/': [{text: 'API', link: '/api/', items: apiSidebar()}],
			'/': guideSidebar,
		},
		docFooter: {prev: 'Previous', next: 'Next'},
	},
	vite: {
		publicDir: false,
		server: {watch: {ignored: ['**/target/**', '**/.git/**', '**/.nodes/**', '**/bench-results/**', '**/site/dist/**']}},
	},
});
