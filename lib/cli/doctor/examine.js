'use strict';

// Runs the tests one after another. A test that hangs fails as well.

const {clearTimeout, now, setTimeout} = require('../../common/environment.js');
const {tests} = require('./tests.js');

/** Milliseconds that a test may take. All of them together take less than two seconds on a healthy machine. */
const PATIENCE = 5000;

const withinPatience = async work => {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => {
			reject(new Error(`it has not ended within ${PATIENCE / 1000} s`));
		}, PATIENCE);
	});
	try {
		return await Promise.race([work(), late]);
	} finally {
		clearTimeout(timer);
	}
};

const examineOne = async ({name, run, advice}) => {
	const begin = now();
	const took = () => Math.round((now() - begin) * 10) / 10;
	try {
		const seen = await withinPatience(run);
		return {name, passed: true, seen, milliseconds: took()};
	} catch (error) {
		return {name, passed: false, seen: error.message, milliseconds: took(), advice};
	}
};

/** Returns the outcome of each test. If the addon does not load, the others are not tried. */
const examine = async () => {
	const outcomes = [];
	for (const test of tests) {
		outcomes.push(await examineOne(test));
		if (!outcomes[0].passed) {
			break;
		}
	}

	return outcomes;
};

module.exports = {examine};
