'use strict';

// Finds the code blocks of a document.

const {readFileSync} = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..', '..');

const FENCE = /^```(js|ts)$/;
const HEADING = /^#+ (.*)$/;
const NOT_RUN = /^<!-- not run: (.+) -->$/;

/** The first line of a block that is a file of its own: `// squares.mjs`. */
const FILE = /^\/\/ ([\w./-]+\.(?:js|cjs|mjs|ts|cts|mts))$/;

/**
 * The js and ts blocks of a document, in their order:
 * - `name`: the heading that the block stands under; from the second block there, 'heading (2)' and so on;
 * - `language` and `text`, and the `line` that the text begins at;
 * - `file`: the name of the file that the block is, if it is one;
 * - `reason`: why the block is not run, if it is marked so.
 */
const blocksOf = document => {
	const blocks = [];
	const counts = new Map();
	let heading = '';
	let block;
	let previous = '';
	for (const [index, line] of readFileSync(path.join(root, document), 'utf8').split('\n').entries()) {
		if (block !== undefined) {
			if (line === '```') {
				block.text = block.lines.join('\n');
				block.file = FILE.exec(block.lines[0])?.[1];
				blocks.push(block);
				block = undefined;
			} else {
				block.lines.push(line);
			}
		} else if (FENCE.test(line)) {
			const count = (counts.get(heading) ?? 0) + 1;
			counts.set(heading, count);
			block = {
				name: count === 1 ? heading : `${heading} (${count})`,
				language: FENCE.exec(line)[1],
				line: index + 2,
				reason: NOT_RUN.exec(previous)?.[1],
				lines: [],
			};
		} else if (HEADING.test(line)) {
			heading = HEADING.exec(line)[1];
		}

		previous = line;
	}

	return blocks;
};

module.exports = {blocksOf, root};
