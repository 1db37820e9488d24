'use strict';

// Runs the tests one after another. A test that hangs fails as well.

const {clearTimeout, now, setTimeout} = require('../../common/environment.js');

/** Milliseconds that a test may take. All of them together take less than two seconds on a healthy machine. */
const PATIENCE = 5000;

const within = async (patience, work) => {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => {
			reject(new Error(`it has not ended within ${patience / 1000} s`));
		}, patience);
	});
	try {
		return await Promise.race([work(), late]);
	} finally {
		clearTimeout(timer);
	}
};

const examineOne = async ({name, run, advice, loads = false}, patience) => {
	const begin = now();
	const took = () => Math.round((now() - begin) * 10) / 10;
	try {
		const seen = await within(patience, run);
		return {name, passed: true, seen, milliseconds: took()};
	} catch (error) {
		// The first test alone must load something. Where that is WebAssembly, what needs threads is not there.
		if (error.code === 'ERR_NO_BINARY' && !loads) {
			const [seen] = error.message.split('\n'); // the rest says why there is no addon, as the report does above
			return {name, passed: true, skipped: true, seen, milliseconds: took()};
		}

		return {name, passed: false, seen: error.message, milliseconds: took(), advice};
	}
};

/** Returns the outcome of each test. If the first fails, which loads the addon, the others are not tried. */
const examine = async (tests, patience = PATIENCE) => {
	const outcomes = [];
	for (const test of tests) {
		outcomes.push(await examineOne(test, patience));
		if (!outcomes[0].passed) {
			break;
		}
	}

	return outcomes;
};

module.exports = {examine};
