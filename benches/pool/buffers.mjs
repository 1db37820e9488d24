// Bytes to work on.

/** The period of the published test vectors of blake3. */
export const PERIOD = 251;

/** Bytes that count up to the period and again, from `start`; in memory of their own, not in a part of node's pool. */
export const pattern = (bytes, start) => {
	const buffer = Buffer.alloc(bytes);
	for (let at = 0; at < bytes; at++) {
		buffer[at] = (at + start) % PERIOD;
	}

	return buffer;
};
