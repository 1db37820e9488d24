// SHA-256 of one file, in memory bounded by a chunk, however large the file.

import {Buffer} from 'node:buffer';
import {createHash} from 'node:crypto';
import {constants} from 'node:fs';
import {open} from 'node:fs/promises';

/** The hash runs on the event loop, and 64 KiB keep it for a tenth of a millisecond or so. */
export const CHUNK = 64 * 1024;

/**
 * A path may have become something else since it was found: a link must not be followed then, and a FIFO
 * not be waited for. Windows has neither flag.
 */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Reads no further than `size`, so that a file which someone appends to does have an end. */
export const hashFile = async ({path, size}) => {
	const file = await open(path, FLAGS);
	try {
		const hash = createHash('sha256');
		const chunk = Buffer.allocUnsafe(Math.min(size, CHUNK));
		let bytes = 0;
		while (bytes < size) {
			const {bytesRead} = await file.read(chunk, 0, Math.min(chunk.length, size - bytes), null);
			if (bytesRead === 0) {
				break;
			}

			hash.update(chunk.subarray(0, bytesRead));
			bytes += bytesRead;
		}

		return {bytes, digest: hash.digest('hex')};
	} finally {
		await file.close();
	}
};
