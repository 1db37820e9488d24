// A mixed load for as long as you like, and whether memory, handles, files and threads stay where they are.
//
//     npm run test:soak [-- --minutes 30] [--node 24]
//
// Between two rounds everything is at rest and garbage is collected; only then is measured. The first tenth is warm-up.
// It fails when the median of the last third is above that of the first by more than `figures.js` allows.

import {spawnSync} from 'node:child_process';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {binaryOf} from '../../scripts/nodes.mjs';

const {values} = parseArgs({options: {minutes: {type: 'string', default: '30'}, node: {type: 'string'}}});
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
	throw new TypeError('`--minutes` must be a number above 0');
}

const binary = values.node === undefined ? process.execPath : binaryOf(values.node);
const {status} = spawnSync(
	binary,
	['--expose-gc', fileURLToPath(new URL('soak.js', import.meta.url)), String(minutes)],
	{stdio: 'inherit', timeout: (minutes + 10) * 60_000, killSignal: 'SIGKILL'},
);
if (status === null) {
	console.error('soak: the process has not ended');
}

process.exit(status ?? 1);
