'use strict';

// The code blocks of the README and of all documents, compiled and run as they stand there. CONTRIBUTING.md, "Code in documents",
// tells how to write one.

const assert = require('node:assert/strict');
const {existsSync, readdirSync} = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const {describe, test} = require('node:test');
const {blocksOf, root} = require('./blocks.js');
const {parse, run} = require('./program.js');
const {compile} = require('./types.js');

const documents = [
	'README.md',
	...readdirSync(path.join(root, 'docs'), {recursive: true})
		.filter(name => name.endsWith('.md'))
		.map(name => `docs/${name.replaceAll(path.sep, '/')}`),
];

/** What the blocks of a document need, by the names of the blocks. */
const recipesOf = document => {
	const file = path.join(__dirname, 'pages', document.replace(/^docs\//, '').replace(/\.md$/, '.js'));
	return existsSync(file) ? require(file) : {};
};

/** What `tell` has printed, or a line as it is. */
const printed = line => {
	try {
		return JSON.parse(line);
	} catch {
		return line;
	}
};

const checkLines = (lines, expected) => {
	if (typeof expected === 'function') {
		expected(lines);
	} else if (expected !== undefined) {
		assert.deepEqual(lines.filter(Boolean).map(printed), expected);
	}
};

for (const document of documents) {
	const blocks = blocksOf(document);
	const recipes = recipesOf(document);
	const files = Object.fromEntries(blocks.filter(({file}) => file !== undefined).map(({file, text}) => [file, text]));
	const typed = blocks.filter(({language, file}) => language === 'ts' && file === undefined);
	let compiled;

	/** The JavaScript of a block. */
	const codeOf = async block => {
		if (block.language === 'js') {
			return block.text;
		}

		compiled ??= compile(
			typed.map(({name, text}) => ({text, types: recipes[name]?.types})),
			files,
		);
		return (await compiled)[typed.indexOf(block)];
	};

	describe(document, {concurrency: os.availableParallelism()}, () => {
		test('what is said of a block has its block', () => {
			const names = new Set(blocks.map(({name}) => name));
			assert.deepEqual(
				Object.keys(recipes).filter(name => !names.has(name)),
				[],
			);
		});

		for (const block of blocks) {
			const {name, language, line, file, reason} = block;
			const recipe = recipes[name];
			test(`${name}, line ${line}`, async () => {
				if (file !== undefined && recipe === undefined) {
					// The blocks that import it run it.
					await (language === 'js' ? parse(block.text, file) : undefined);
					return;
				}

				const code = await codeOf(block);
				if (reason !== undefined) {
					assert.equal(recipe, undefined, 'a block that is not run needs nothing');
					await (language === 'js' ? parse(code) : undefined);
					return;
				}

				const {edit = text => text, expected, ...given} = recipe ?? {};
				checkLines(await run(edit(code), {...given, files: {...files, ...given.files}}), expected);
			});
		}
	});
}
