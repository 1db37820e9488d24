// How long a program waits for the package: the bundle that is published, the sources, and p-limit, by turns.
//
//     npm run bench:load [-- --rounds 31] [20 24]

import {execFileSync} from 'node:child_process';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {bundle} from '../../scripts/bundle/bundle.mjs';
import {writeFaces} from '../../scripts/bundle/faces.mjs';
import {binaryOf} from '../../scripts/nodes.mjs';
import {median} from '../shared/statistics.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const loader = path.join(root, 'benches/limit/load.cjs');

const {values, positionals} = parseArgs({
	options: {rounds: {type: 'string', default: '31'}},
	allowPositionals: true,
});

const LOADS = {
	nothing: [],
	'p-lanes, require': ['require', path.join(root, 'dist/index.js')],
	'p-lanes, import': ['import', path.join(root, 'dist/index.mjs')],
	'p-lanes, its sources': ['require', path.join(root, 'index.js')],
	'p-limit, import': ['import', import.meta.resolve('p-limit')],
};

const measure = (node, rounds) => {
	const times = Object.fromEntries(Object.keys(LOADS).map(name => [name, []]));
	for (let round = 0; round < rounds; round++) {
		for (const [name, args] of Object.entries(LOADS)) {
			const output = execFileSync(node, ['--expose-gc', loader, ...args], {encoding: 'utf8'});
			times[name].push(JSON.parse(output).time / 1e6);
		}
	}

	return times;
};

await bundle();
try {
	for (const line of positionals.length > 0 ? positionals : ['20', '24']) {
		console.log(`\nNode ${line}: median and least milliseconds`);
		for (const [name, list] of Object.entries(measure(binaryOf(line), Number(values.rounds)))) {
			console.log(
				`${name.padEnd(22)} ${median(list).toFixed(1).padStart(6)} ${Math.min(...list)
					.toFixed(1)
					.padStart(6)}`,
			);
		}
	}
} finally {
	writeFaces();
}
