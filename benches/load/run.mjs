// How long a program waits for the package: as it is published and installed, its sources, and p-limit, by turns.
//
//     npm run bench:load [-- --rounds 31] [20 24]

import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {binaryOf} from '../../scripts/nodes.mjs';
import {here} from '../../scripts/packages/facts.mjs';
import {writeAll} from '../../scripts/packages/pack.mjs';
import {median} from '../shared/statistics.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const loader = path.join(root, 'benches/limit/load.cjs');

const {values, positionals} = parseArgs({
	options: {rounds: {type: 'string', default: '31'}},
	allowPositionals: true,
});

/** What a process does, by name. `installed` is the folder of the installed package. */
const loadsOf = installed => ({
	nothing: [],
	'p-lanes, require': ['require', path.join(installed, 'dist/index.js')],
	'p-lanes, import': ['import', path.join(installed, 'dist/index.mjs')],
	'p-lanes, its sources': ['require', path.join(root, 'index.js')],
	'p-limit, import': ['import', import.meta.resolve('p-limit')],
});

const measure = (node, loads, rounds) => {
	const times = Object.fromEntries(Object.keys(loads).map(name => [name, []]));
	for (let round = 0; round < rounds; round++) {
		for (const [name, args] of Object.entries(loads)) {
			const output = execFileSync(node, ['--expose-gc', loader, ...args], {encoding: 'utf8'});
			times[name].push(JSON.parse(output).time / 1e6);
		}
	}

	return times;
};

const folder = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-load-'));
try {
	const [installed] = await writeAll({staging: path.join(folder, 'node_modules'), of: [here()]});
	const loads = loadsOf(installed);
	for (const line of positionals.length > 0 ? positionals : ['20', '24']) {
		console.log(`\nNode ${line}: median and least milliseconds`);
		for (const [name, list] of Object.entries(measure(binaryOf(line), loads, Number(values.rounds)))) {
			console.log(
				`${name.padEnd(22)} ${median(list).toFixed(1).padStart(6)} ${Math.min(...list)
					.toFixed(1)
					.padStart(6)}`,
			);
		}
	}
} finally {
	rmSync(folder, {recursive: true});
}
