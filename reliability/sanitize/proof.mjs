// That a fault would be seen: two are made on purpose, and each has to be reported.

const PARTS = {
	'a write behind the end of a block, which any instrumented code makes': {
		body: 'proof.overflow();',
		finds: [/heap-buffer-overflow/],
	},
	// The memory that JS and the addon pass numbers in is forbidden; the addon reads from it all the same.
	'a read of the addon from memory that it may not read': {
		body: 'const calls = new addon.Port().hotCalls(); proof.poison(calls.ints); calls.pending();',
		finds: [/use-after-poison/, /p_lanes::|p-lanes\.node/],
	},
};

/** Throws where such a fault has no report. */
export const prove = (node, {addon, proof}) => {
	for (const [what, {body, finds}] of Object.entries(PARTS)) {
		const script = `const proof = require(${JSON.stringify(proof)}); const addon = require(${JSON.stringify(addon)}); ${body}`;
		const {status, told} = node(['-e', script], {stdio: 'ignore'});
		if (status === 0 || told.length !== 1 || !finds.every(pattern => pattern.test(told[0]))) {
			throw new Error(`the sanitizer has not seen ${what}: ${told[0] ?? 'no report'}`);
		}
	}
};
