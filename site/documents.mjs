// The documents of the repository as pages of the site.

import {cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync} from 'node:fs';
import path from 'node:path';
import {pages, root} from './places.mjs';

/** By the names of documents beside `docs/`: those of their pages. */
const OTHERS = {'README.md': 'index.md', 'CHANGELOG.md': 'CHANGELOG.md', 'CONTRIBUTING.md': 'CONTRIBUTING.md'};

/** The page of a file of the repository; undefined if it has none. */
const pageOf = file => (file.startsWith('docs/') ? file.slice('docs/'.length) : OTHERS[file]);

/** The file of the repository that a page is made of. */
const fileOf = page => Object.keys(OTHERS).find(file => OTHERS[file] === page) ?? `docs/${page}`;

const copy = file => {
	const page = path.join(pages, pageOf(file));
	if (existsSync(path.join(root, file))) {
		mkdirSync(path.dirname(page), {recursive: true});
		cpSync(path.join(root, file), page);
	} else {
		rmSync(page, {force: true});
	}
};

/** The documents, and the pictures in them. */
const files = () => [
	...Object.keys(OTHERS),
	...readdirSync(path.join(root, 'docs'), {recursive: true})
		.map(name => `docs/${name.replaceAll(path.sep, '/')}`)
		.filter(file => statSync(path.join(root, file)).isFile()),
];

/** Copies all documents to where VitePress looks for them. */
export const copyDocuments = () => {
	rmSync(pages, {recursive: true, force: true});
	for (const file of files()) {
		copy(file);
	}
};

/** Copies each document again when it changes. `watcher` is that of the server. */
export const watchDocuments = watcher => {
	watcher.add([path.join(root, 'docs'), ...Object.keys(OTHERS).map(name => path.join(root, name))]);
	watcher.on('all', (event, changed) => {
		const file = path.relative(root, changed).replaceAll(path.sep, '/');
		if (pageOf(file) !== undefined && !event.endsWith('Dir')) {
			copy(file);
		}
	});
};

/**
 * Where a link of a page leads in the site: a link, as it is written for readers of the repository, to a document leads to its page.
 * undefined for a file that has no page, such as one of the source.
 */
const placeOf = (href, page) => {
	const [, target, hash] = /^([^#]*)(.*)$/.exec(href);
	if (target === '' || /^[a-z]+:|^\//i.test(target) || page.startsWith('reference/')) {
		return href;
	}

	const file = path.posix.join(path.posix.dirname(fileOf(page)), decodeURI(target));
	const place = pageOf(file);
	return place === undefined ? undefined : `/${place}${hash}`;
};

/** Where a picture lies, as seen from a page. */
const pictureOf = (source, page) => {
	const place = placeOf(source, page);
	return place?.startsWith('/') ? `./${path.posix.relative(path.posix.dirname(`/${page}`), place)}` : source;
};

/** A plugin of markdown-it for the links and pictures of documents. A link to what has no page becomes plain text. */
export const linksOfDocuments = markdown => {
	markdown.core.ruler.push('links-of-documents', ({tokens, env}) => {
		const page = path.relative(pages, env.path).replaceAll(path.sep, '/');
		for (const {children} of tokens) {
			const arePlain = [];
			for (const token of children ?? []) {
				if (token.type === 'image') {
					token.attrSet('src', pictureOf(token.attrGet('src'), page));
				} else if (token.type === 'link_open') {
					const place = placeOf(token.attrGet('href'), page);
					arePlain.push(place === undefined);
					token.attrSet('href', place ?? '');
				}

				const isPlain = token.type === 'link_close' ? arePlain.pop() : arePlain.at(-1);
				if (isPlain && /^link_/.test(token.type)) {
					token.type = 'text';
					token.content = '';
				}
			}
		}
	});
};
