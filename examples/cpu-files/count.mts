// Counts the words of many files in worker threads, and finds files with the same content.

import process from 'node:process';
import {hash, Pool} from 'p-lanes';

/** The files that have the same content, in groups. */
const sameOf = (paths: string[], digests: Array<string | Error>): string[][] => {
	const groups = new Map<string, string[]>();
	for (const [index, path] of paths.entries()) {
		const digest = digests[index];
		if (typeof digest === 'string') {
			groups.set(digest, [...(groups.get(digest) ?? []), path]);
		}
	}

	return [...groups.values()].filter(group => group.length > 1);
};

const count = async (paths: string[]): Promise<void> => {
	// The type of the worker's module is the type of the pool: it checks what goes there and what comes back.
	const pool = new Pool<typeof import('./worker.mts')>({filename: new URL('worker.mts', import.meta.url)});

	// Native threads hash the files while the pool's threads count. Both in the offline lane: nobody waits for a single file.
	const digests = hash.files('blake3', paths, {encoding: 'hex', lane: 'offline'});

	let index = 0;
	let total = 0;
	let failed = 0;
	for await (const result of pool.offline.stream(paths, {settle: true})) {
		const path = paths[index++];
		if (result.status === 'fulfilled') {
			const {value} = result;
			const common = value.common.map(([word, times]) => `${word} (${times})`).join(', ');
			console.log(`${path}: ${value.total} words, ${value.distinct} different ones; ${common}`);
			total += value.total;
		} else {
			console.error(`${path}: ${result.reason.message}`);
			failed++;
		}
	}

	for (const group of sameOf(paths, await digests)) {
		console.log(`same content: ${group.join(' ')}`);
	}

	console.log(`${paths.length} files, ${total} words, ${failed} files not read, ${pool.stats().threads} threads`);
	await pool.close();
	process.exitCode = failed === 0 ? 0 : 1;
};

const paths = process.argv.slice(2);
if (paths.length === 0) {
	console.error('Usage: node count.mts file ...');
	process.exitCode = 2;
} else {
	await count(paths);
}
