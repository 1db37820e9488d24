// Where the site and its parts are.

import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

export const site = path.dirname(fileURLToPath(import.meta.url));
export const root = path.dirname(site);

/** What VitePress makes the site of: copies of the documents, and the API. */
export const pages = path.join(site, 'pages');

/** The API in Markdown, which TypeDoc makes. */
export const api = path.join(pages, 'reference');

/** Whether what package-lock.json lists is installed here. npm keeps a copy of the list beside the packages. */
export const isInstalled = () => {
	const installed = path.join(site, 'node_modules/.package-lock.json');
	if (!existsSync(installed)) {
		return false;
	}

	const versionsIn = file => {
		const {packages} = JSON.parse(readFileSync(file, 'utf8'));
		return new Map(Object.entries(packages).map(([name, {version}]) => [name, version]));
	};
	const wanted = versionsIn(path.join(site, 'package-lock.json'));
	// Packages for other platforms are wanted and not installed.
	return [...versionsIn(installed)].every(([name, version]) => wanted.get(name) === version);
};
