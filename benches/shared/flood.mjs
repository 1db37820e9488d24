// A load that never lets up.

/** Keeps so many calls in flight until told to stop. `begin` makes a call. `stop` resolves when the last one has ended. */
export const flood = (width, begin) => {
	let isOver = false;
	const keepOne = async () => {
		while (!isOver) {
			await begin();
		}
	};

	const all = Promise.all(Array.from({length: width}, keepOne));
	return async () => {
		isOver = true;
		await all;
	};
};
