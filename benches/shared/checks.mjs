// What a peer must have done for its time to count.

export const expect = (isMet, message) => {
	if (!isMet) {
		throw new Error(message);
	}
};

/** As many as there have to be. */
export const checkCount = (count, expected) => {
	expect(count === expected, `${count} results in place of ${expected}`);
};

/** All results are there, each at its place. */
export const checkResults = (results, count, expected = index => index) => {
	checkCount(results.length, count);
	for (let index = 0; index < count; index++) {
		expect(results[index] === expected(index), `result ${index} is ${results[index]} in place of ${expected(index)}`);
	}
};
