// Links between documents, as they are written for readers of the repository, made into links of the site.

import {existsSync} from 'node:fs';
import path from 'node:path';

/** The path that a document has in the site, by the rewrites of VitePress; undefined if it is no page. */
const pageOf = (file, rewrites) => {
	if (Object.hasOwn(rewrites, file)) {
		return rewrites[file];
	}

	for (const [from, to] of Object.entries(rewrites)) {
		const [folder, variable] = from.split(':');
		if (variable !== undefined && file.startsWith(folder)) {
			return to.replace(`:${variable}`, file.slice(folder.length));
		}
	}

	return file.includes('/') ? undefined : file;
};

/**
 * A plugin of markdown-it. A link to a document leads to its page. A link to a file that is no page, such as one of the source, becomes
 * plain text.
 */
export const linksOfDocuments = (markdown, {root, rewrites}) => {
	const placeOf = (href, {path: from}) => {
		const [target, hash = ''] = href.split(/(?=#)/);
		if (target === '' || /^[a-z]+:|^\//i.test(target) || from === undefined) {
			return href;
		}

		const file = path.relative(root, path.join(path.dirname(from), decodeURI(target))).replaceAll(path.sep, '/');
		if (!file.endsWith('.md')) {
			return existsSync(path.join(root, file)) ? undefined : href;
		}

		const page = pageOf(file, rewrites);
		return page === undefined ? undefined : `/${page}${hash}`;
	};

	markdown.core.ruler.push('links-of-documents', ({tokens, env}) => {
		for (const {children} of tokens) {
			const unlinked = [];
			for (const token of children ?? []) {
				if (token.type === 'link_open') {
					const place = placeOf(token.attrGet('href'), env);
					unlinked.push(place === undefined);
					if (place === undefined) {
						token.hidden = true;
						token.type = 'text';
						token.content = '';
					} else {
						token.attrSet('href', place);
					}
				} else if (token.type === 'link_close' && unlinked.pop()) {
					token.type = 'text';
					token.content = '';
				}
			}
		}
	});
};
