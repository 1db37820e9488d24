// Checks the links of a built site: each leads to a page that is there, and to an element of it that has the anchor as its id.

import {existsSync, readdirSync, readFileSync, statSync} from 'node:fs';
import path from 'node:path';

/** The file that a path of the site is served from; undefined if there is none. */
const fileOf = (dist, pathname) => {
	const candidates = [pathname, `${pathname}.html`, path.join(pathname, 'index.html')].map(name =>
		path.join(dist, name),
	);
	return candidates.find(name => existsSync(name) && statSync(name).isFile());
};

const attributesOf = (html, name) =>
	[...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))].map(([, value]) => value.replaceAll('&amp;', '&'));

/**
 * The faults of a site's links, as lines of text. Pages of `rust/` are not looked at: rustdoc checks its own links.
 *
 * @param base - The path that the site is served under.
 * @param without - Folders that were not built.
 */
export const checkLinks = (dist, {base, without}) => {
	const pages = readdirSync(dist, {recursive: true})
		.map(name => name.replaceAll(path.sep, '/'))
		.filter(name => name.endsWith('.html') && !name.startsWith('rust/'));
	const ids = new Map();
	const idsOf = file => {
		if (!ids.has(file)) {
			ids.set(file, new Set(attributesOf(readFileSync(file, 'utf8'), 'id')));
		}

		return ids.get(file);
	};

	const faultOf = (page, target) => {
		const url = new URL(target, `http://site${base}${page}`);
		if (url.host !== 'site' || !/^https?:$/.test(url.protocol)) {
			return undefined;
		}

		if (!url.pathname.startsWith(base)) {
			return `${page}: ${target} is not below ${base}`;
		}

		const pathname = decodeURIComponent(url.pathname.slice(base.length));
		if (without.some(folder => pathname.startsWith(folder))) {
			return undefined;
		}

		const file = fileOf(dist, pathname);
		if (file === undefined) {
			return `${page}: ${target} leads to no page`;
		}

		const anchor = decodeURIComponent(url.hash.slice(1));
		return anchor === '' || !file.endsWith('.html') || idsOf(file).has(anchor)
			? undefined
			: `${page}: ${target} leads to no heading`;
	};

	return pages.flatMap(page => {
		const html = readFileSync(path.join(dist, page), 'utf8');
		const targets = new Set([...attributesOf(html, 'href'), ...attributesOf(html, 'src')]);
		return [...targets].map(target => faultOf(page, target)).filter(fault => fault !== undefined);
	});
};
