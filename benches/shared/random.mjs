// Random numbers that are the same in every run.

/** Random numbers from 0 to 1, the same in every run: a linear congruential generator. */
export const randomOf = seed => {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return (state + 0.5) / 2 ** 32;
	};
};

/** Box and Muller's normal number, as an exponent. */
export const lognormalOf = (random, [mean, sigma]) => {
	const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
	return mean * Math.exp(sigma * normal - sigma ** 2 / 2);
};
