// Runs the rows of the table of environments; see README.md.

import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {pack} from './packages.mjs';
import {Place} from './place.mjs';
import {markdown} from './table.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const install = path.join(here, '../../docs/install.md');

const {values: options, positionals: asked} = parseArgs({
	options: {write: {type: 'boolean', default: false}, keep: {type: 'boolean', default: false}},
	allowPositionals: true,
});

const loadRows = async () => {
	const files = readdirSync(path.join(here, 'rows')).filter(name => name.endsWith('.mjs'));
	const modules = await Promise.all(files.map(name => import(new URL(`rows/${name}`, import.meta.url))));
	return modules.flatMap(module => module.default);
};

const rows = (await loadRows()).filter(({name}) => asked.length === 0 || asked.some(prefix => name.startsWith(prefix)));
if (rows.length === 0) {
	throw new Error(`no row has a name that begins with ${asked.join(' or ')}`);
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-ecosystem-'));
const results = [];
try {
	const tarballs = await pack(folder);
	for (const row of rows) {
		const place = new Place({folder: path.join(folder, row.name), tarballs, nodeLine: row.nodeLine});
		let result;
		try {
			if (row.packages) {
				place.install(row.packages);
			}

			result = await row.check(place);
			console.log(`ok     ${row.name} ${result.version}${result.uses ? ` (${result.uses})` : ''}`);
		} catch (error) {
			result = {error};
			console.log(`FAILED ${row.name}\n${error.stack}`);
		}

		results.push({row, ...result});
		if (!options.keep) {
			rmSync(place.folder, {recursive: true, force: true});
		}
	}
} finally {
	if (options.keep) {
		console.log(`kept: ${folder}`);
	} else {
		rmSync(folder, {recursive: true, force: true});
	}
}

const failed = results.filter(({error}) => error !== undefined);
if (options.write && failed.length === 0) {
	if (asked.length > 0) {
		throw new Error('--write needs all rows');
	}

	const BEGIN = '<!-- table of environments -->\n';
	const END = '\n<!-- end of the table -->';
	const [before, rest] = readFileSync(install, 'utf8').split(BEGIN);
	const after = rest.slice(rest.indexOf(END));
	writeFileSync(install, `${before}${BEGIN}\n${markdown(results)}${after}`);
}

process.exitCode = failed.length > 0 ? 1 : 0;
