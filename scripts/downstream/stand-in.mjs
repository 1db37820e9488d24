// Puts a counting stand-in in the place of every p-limit below a `node_modules`. The stand-in has the shape of the
// version that it replaces (CommonJS function, or ES module), and hands all calls to that version or to p-lanes.

import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';

const COUNTING = fileURLToPath(new URL('counting.cjs', import.meta.url));

/** The folder inside of a replaced p-limit that the version's own files are moved into. */
const OWN = 'own';

const readJson = file => JSON.parse(readFileSync(file, 'utf8'));

/** Yields the folders of all copies of p-limit that are installed below `nodeModules`. */
function* copies(nodeModules) {
	for (const {name} of readdirSync(nodeModules, {withFileTypes: true}).filter(entry => entry.isDirectory())) {
		const folder = path.join(nodeModules, name);
		if (name.startsWith('@')) {
			yield* copies(folder);
		} else if (name === 'p-limit') {
			yield folder;
		} else if (existsSync(path.join(folder, 'node_modules'))) {
			yield* copies(path.join(folder, 'node_modules'));
		}
	}
}

/** Moves the version's own files one folder down, once. Its dependencies are found from there as well. */
const moveOwnDown = folder => {
	const own = path.join(folder, OWN);
	if (!existsSync(own)) {
		const names = readdirSync(folder).filter(name => name !== 'node_modules');
		mkdirSync(own);
		for (const name of names) {
			renameSync(path.join(folder, name), path.join(own, name));
		}
	}

	return own;
};

const commonJs = (target, countFile) => `'use strict';

const {counted} = require(${JSON.stringify(COUNTING)});

module.exports = counted(require(${JSON.stringify(target)}), ${JSON.stringify(countFile)});
`;

const esModule = (
	target,
	countFile,
	hasLimitFunction,
) => `import counting from ${JSON.stringify(`${pathToFileURL(COUNTING)}`)};
import * as pLimit from ${JSON.stringify(target)};

export default counting.counted(pLimit.default, ${JSON.stringify(countFile)});
${hasLimitFunction ? `export const limitFunction = counting.countedFunction(pLimit.limitFunction, ${JSON.stringify(countFile)});\n` : ''}`;

/**
 * Replaces all copies of p-limit below `nodeModules`, and returns their versions.
 *
 * @param {string} nodeModules
 * @param {{lanes?: string, countFile: string}} options `lanes` is the folder of the p-lanes that gets the calls. Without it the calls go
 * to the version of p-limit that is installed there.
 */
export const replace = (nodeModules, {lanes, countFile}) => {
	const versions = new Set();
	for (const folder of copies(nodeModules)) {
		const own = moveOwnDown(folder);
		const {version, type, main = 'index.js'} = readJson(path.join(own, 'package.json'));
		const isModule = type === 'module';
		let code;
		if (isModule) {
			const target = lanes ? `${pathToFileURL(path.join(lanes, 'index.mjs'))}` : `./${OWN}/index.js`;
			const source = readFileSync(path.join(own, 'index.js'), 'utf8');
			code = esModule(target, countFile, /\bexport\b[^;]*\blimitFunction\b/.test(source));
		} else {
			code = commonJs(lanes ? path.join(lanes, 'index.js') : `./${OWN}/${main}`, countFile);
		}

		writeFileSync(path.join(folder, 'index.js'), code);
		writeFileSync(
			path.join(folder, 'package.json'),
			JSON.stringify({name: 'p-limit', version, ...(isModule ? {type, exports: './index.js'} : {main: 'index.js'})}),
		);
		versions.add(version);
	}

	return [...versions].sort();
};

/** Reads what the stand-ins have counted. */
export const counts = countFile => {
	const letters = existsSync(countFile) ? readFileSync(countFile, 'utf8') : '';
	const countOf = letter => letters.split(letter).length - 1;
	return {loads: countOf('L'), limits: countOf('N'), calls: countOf('C')};
};
