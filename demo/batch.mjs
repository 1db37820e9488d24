// The offline work: one pass over all files.

import {createHash} from 'node:crypto';
import {hashFile} from './hash.mjs';

/**
 * Hashes the files by way of `map(files, hash)`, which is where the limit comes in. A file that can't be
 * read fails alone and is told to `onSkip`. Gives the number of `files` hashed, their `bytes`, those
 * `readable`, and one `digest` of all digests in the files' order, by which rounds can be compared.
 */
export const hashAll = async (files, map, {onFile, onSkip}) => {
	const hash = async file => {
		try {
			const hashed = await hashFile(file);
			onFile(hashed.bytes);
			return hashed;
		} catch (error) {
			onSkip(error.code ?? error.message);
		}
	};

	const results = await map(files, hash);
	const all = createHash('sha256');
	let bytes = 0;
	const readable = files.filter((_, index) => results[index] !== undefined);
	for (const result of results) {
		if (result !== undefined) {
			all.update(result.digest);
			bytes += result.bytes;
		}
	}

	return {files: readable.length, bytes, readable, digest: all.digest('hex')};
};
