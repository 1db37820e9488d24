// Work that needs the processor for a given time, however long a thread has to wait for one.

let state = 1;

/** So many rounds of work. */
export const work = ({rounds}) => {
	for (let round = 0; round < rounds; round++) {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
	}

	return state;
};

const TRIAL = 2_000_000;

/** How many rounds the processor does in a millisecond: the best of several trials, as other programs run, too. */
export const roundsPerMs = () => {
	let best = Number.POSITIVE_INFINITY;
	for (let trial = 0; trial < 20; trial++) {
		const start = performance.now();
		work({rounds: TRIAL});
		best = Math.min(best, performance.now() - start);
	}

	return TRIAL / best;
};
