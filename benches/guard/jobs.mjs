// The function of the pool's path.

/**
 * Under valgrind these take more than 100 microseconds, so that `pool.map` sends each item as a job. The size of a bundle of items follows
 * the time that a task takes, and that time would differ from machine to machine.
 */
const LOOPS = 5000;

export default ({id, name, nested}) => {
	let sum = id;
	for (let loop = 0; loop < LOOPS; loop++) {
		sum = (sum * 31 + nested.x) | 0;
	}

	return {id, name, sum};
};
