// The licence under which each linked component is used, and its text.

import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';

/** The licences that may be linked. Of a crate that gives a choice, the first of these is taken. `deny.toml` has them, too. */
const ACCEPTED = ['MIT', 'MIT-0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'Unicode-3.0'];

/** What the files of a licence are called, where their names don't have its identifier. */
const FILES = {
	MIT: /mit(?!-?0)/i,
	'MIT-0': /mit-?0/i,
	'Apache-2.0': /apache|_a2$/i,
	'Unicode-3.0': /unicode/i,
};

/** Crates whose one file has a certain licence of those that they give a choice of. */
const CHOSEN = {'brotli-decompressor': 'BSD-3-Clause'};

/** Crates without a file, of the authors of another crate that has one. */
const AS = {'alloc-stdlib': 'alloc-no-stdlib', 'brotlic-sys': 'brotlic'};

/** Libraries in C that crates bring along. `file` is in the crate; `holder` is for one whose crate leaves the file out. */
const LIBRARIES = [
	{name: 'zstd', crate: 'zstd-sys', license: 'BSD-3-Clause', file: 'zstd/LICENSE', purl: 'pkg:github/facebook/zstd'},
	{
		name: 'libdeflate',
		crate: 'libdeflate-sys',
		license: 'MIT',
		file: 'libdeflate/COPYING',
		purl: 'pkg:github/ebiggers/libdeflate',
	},
	{
		name: 'brotli',
		crate: 'brotlic-sys',
		license: 'MIT',
		holder: '2009, 2010, 2013-2016 by the Brotli Authors.',
		purl: 'pkg:github/google/brotli',
	},
];

const read = file =>
	readFileSync(file, 'utf8')
		.replaceAll('\r\n', '\n')
		.replaceAll(/[ \t]+$/gm, '')
		.trim();

const mit = holder => `Copyright (c) ${holder}\n\n${read(new URL('texts/MIT.txt', import.meta.url))}`;

/** `(MIT OR Apache-2.0) AND Unicode-3.0` gives `[MIT, Unicode-3.0]`. */
const chosenOf = ({name, license}) => {
	if (CHOSEN[name] !== undefined) {
		return [CHOSEN[name]];
	}

	return license
		.replaceAll('/', ' OR ')
		.split(' AND ')
		.map(part => {
			const offered = part
				.replaceAll(/[()]/g, '')
				.split(' OR ')
				.map(each => each.trim());
			const chosen = ACCEPTED.find(accepted => offered.includes(accepted));
			if (chosen === undefined) {
				throw new Error(`${name} has the licence ${license}, of which none is accepted`);
			}

			return chosen;
		});
};

/** The text of a licence in a folder, if there is a file for it. */
const textIn = (folder, license) => {
	const names = readdirSync(folder);
	const pattern = FILES[license] ?? new RegExp(license.replaceAll('.', '\\.'), 'i');
	const name =
		names.find(each => /^licen[cs]e/i.test(each) && pattern.test(each)) ??
		names.find(each => /^(licen[cs]e|copying)(\.(txt|md))?$/i.test(each));
	return name === undefined ? undefined : read(path.join(folder, name));
};

const noticeIn = folder => {
	const name = readdirSync(folder).find(each => /^notice/i.test(each));
	return name === undefined ? [] : [{license: 'NOTICE', text: read(path.join(folder, name))}];
};

/** Names without addresses. */
const namesOf = authors => authors.map(author => author.replace(/\s*<.*>/, '')).join(', ');

const textsOf = (crate, crates) => {
	const {folder} = AS[crate.name] === undefined ? crate : crates.find(({name}) => name === AS[crate.name]);
	const texts = chosenOf(crate).map(license => {
		const text = textIn(folder, license) ?? (license === 'MIT' ? mit(namesOf(crate.authors)) : undefined);
		if (text === undefined) {
			throw new Error(`${crate.name} has no text of ${license}`);
		}

		return {license, text};
	});
	return [...texts, ...noticeIn(folder)];
};

const libraryOf = ({crate: name, license, file, holder, ...library}, crates) => {
	const crate = crates.find(each => each.name === name);
	return {
		...library,
		version: `of ${crate.name} ${crate.version}`,
		license,
		systems: crate.systems,
		texts: [{license, text: file === undefined ? mit(holder) : read(path.join(crate.folder, file))}],
	};
};

/** Returns all that is linked: crates, libraries in C, and the standard library of Rust. Throws where a text is missing. */
export const components = crates => [
	...crates.map(crate => ({
		...crate,
		purl: `pkg:cargo/${crate.name}`,
		texts: textsOf(crate, crates),
	})),
	...LIBRARIES.filter(({crate}) => crates.some(({name}) => name === crate)).map(library => libraryOf(library, crates)),
	{
		name: "Rust's standard library",
		version: '',
		license: 'MIT OR Apache-2.0',
		purl: 'pkg:github/rust-lang/rust',
		systems: [...new Set(crates.flatMap(({systems}) => systems))],
		texts: [{license: 'MIT', text: mit('The Rust Project Contributors')}],
	},
];
