// The instructions of an operation, as valgrind's callgrind counts them: JavaScript that V8 has compiled, V8, Node and the addon.
//
// A child runs the path's warm-up and then some parts, each of the same rounds. It marks the ends of parts, so that start-up and warm-up
// are not in the count. The median of the parts is the figure: it leaves out a part in which V8 compiled a function once more or
// collected the old generation, which happens less often than once in a part. Collections of the young generation are in every part. Without
// `--no-incremental-marking` a collection of the old generation would be spread over several parts.
//
// Hardware counters would be faster, but few CI machines have them. valgrind runs one thread at a time, and the flags below keep V8 from doing
// work by the clock, in other threads or by chance. The counts of the limit's paths differ by 0.6 % from run to run, that of the pool by
// 2.4 %, also while both cores are busy with something else.
//
// The count depends on the version of Node and on the compiler of the addon. It hardly depends on the processor: without AVX, FMA, BMI and
// POPCNT, in V8 and in the C library, the counts were the same within 0.5 %.

import {execFile} from 'node:child_process';
import {mkdirSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {root} from '../shared/machine.mjs';
import {summarize} from '../shared/statistics.mjs';
import {paths} from './paths.mjs';

const PARTS = 5;
const TIMEOUT = 600_000;

const DETERMINISTIC = [
	'--predictable',
	'--single-threaded',
	'--predictable-gc-schedule',
	'--no-incremental-marking',
	'--hash-seed=1',
	'--random-seed=1',
];

const child = fileURLToPath(new URL('child.mjs', import.meta.url));
const execute = promisify(execFile);

/** The instructions of the threads that count, in each part. */
const readParts = (folder, threads) => {
	const parts = [];
	const dumps = readdirSync(folder).map(name => ({name, number: Number(/^callgrind\.(\d+)-/.exec(name)?.[1])}));
	// Dump 1 is start-up and warm-up, and what follows the parts is the end of the process.
	for (let number = 2; number < PARTS + 2; number++) {
		const names = dumps.filter(dump => dump.number === number).map(({name}) => name);
		const counted = threads === 'main' ? names.filter(name => name.endsWith('-01')) : names;
		const totals = counted.map(name => /^totals: (\d+)$/m.exec(readFileSync(path.join(folder, name), 'utf8'))?.[1]);
		parts.push(totals.reduce((sum, total) => sum + Number(total ?? Number.NaN), 0));
	}

	if (!parts.every(part => part > 0)) {
		throw new Error(`no counts of ${PARTS} parts in ${folder}`);
	}

	return parts;
};

/** Where the counts of a path stay, by function, for `callgrind_annotate`. */
export const folderOf = name => path.join(root, 'bench-results', 'guard', name);

/** The median, the least and the greatest of the instructions of an operation of a path, over the parts. */
export const measure = async (name, node, signal) => {
	const {operations, warmUp, rounds, threads} = paths[name];
	const folder = folderOf(name);
	rmSync(folder, {recursive: true, force: true});
	mkdirSync(folder, {recursive: true});
	const {PATH, P_LANES_BINARY} = process.env;
	await execute(
		'valgrind',
		[
			'--quiet',
			'--tool=callgrind',
			'--separate-threads=yes',
			'--dump-before=uv_uptime',
			`--callgrind-out-file=${path.join(folder, 'callgrind')}`,
			node,
			...DETERMINISTIC,
			child,
			JSON.stringify({path: name, warmUp, parts: PARTS, rounds}),
		],
		{timeout: TIMEOUT, signal, env: {PATH, ...(P_LANES_BINARY && {P_LANES_BINARY})}},
	);
	return summarize(readParts(folder, threads).map(part => part / rounds / operations));
};

/** Throws if there is no valgrind. */
export const checkValgrind = async () => {
	try {
		await execute('valgrind', ['--version']);
	} catch (error) {
		throw new Error(
			`bench:guard counts instructions with valgrind, which could not be run (${error.code ?? error.message}). ` +
				'Install it, for example with `apt-get install valgrind`. It runs on Linux only.',
			{cause: error},
		);
	}
};
