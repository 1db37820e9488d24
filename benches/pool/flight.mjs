// Jobs kept in flight.

/** Runs so many jobs, with `width` of them in flight all along; gives the results in order. */
export const inFlight = async ({jobs, width}, run) => {
	const results = new Array(jobs).fill(undefined);
	let next = 0;
	const keepOne = async () => {
		while (next < jobs) {
			const index = next++;
			results[index] = await run(index);
		}
	};

	await Promise.all(Array.from({length: width}, keepOne));
	return results;
};
