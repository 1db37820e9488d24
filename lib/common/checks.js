'use strict';

// Checks of arguments that several rooms take. They throw an `InvalidArgError` for a value that can't be used.

const {invalid} = require('./errors.js');

/** In the order of their numbers in Rust. */
const LANE_NAMES = ['online', 'offline'];

/** The highest whole number that crosses to Rust, as a signed 32-bit integer. */
const INT32_MAX = 2 ** 31 - 1;

const isWhole = (value, min, max = Number.MAX_SAFE_INTEGER) =>
	Number.isSafeInteger(value) && value >= min && value <= max;

const checkWhole = (name, value, min, max = Number.MAX_SAFE_INTEGER) => {
	if (!isWhole(value, min, max)) {
		const upTo = max === Number.MAX_SAFE_INTEGER ? ` or more` : ` to ${max}`;
		throw invalid(name, `a whole number from ${min}${upTo}`, value);
	}
};

/** The longest delay that Node's timers accept, in milliseconds. */
const TIMEOUT_MAX = 2 ** 31 - 1;

const checkMillis = (name, value, min, orElse = '') => {
	if (!(typeof value === 'number' && value >= min && value <= TIMEOUT_MAX)) {
		throw invalid(name, `a number of milliseconds from ${min} to ${TIMEOUT_MAX}${orElse}`, value);
	}
};

const readLane = lane => {
	const number = LANE_NAMES.indexOf(lane);
	if (number < 0) {
		throw invalid('lane', "'online' or 'offline'", lane);
	}

	return number;
};

const checkBoolean = (name, value) => {
	if (typeof value !== 'boolean') {
		throw invalid(name, 'a boolean', value);
	}
};

const checkString = (name, value) => {
	if (typeof value !== 'string') {
		throw invalid(name, 'a string', value);
	}
};

const checkFunction = (name, value) => {
	if (typeof value !== 'function') {
		throw invalid(name, 'a function', value);
	}
};

/** Returns whether this is a URL object: Node's, or that of another environment such as jsdom. */
const isUrlObject = value =>
	typeof value === 'object' &&
	value !== null &&
	typeof value.href === 'string' &&
	typeof value.protocol === 'string' &&
	value.auth === undefined; // what `url.parse` returns

const checkObject = (name, value) => {
	if (typeof value !== 'object' || value === null) {
		throw invalid(name, 'an object', value);
	}
};

const checkOfflineShare = share => {
	if (share !== undefined && !(typeof share === 'number' && share >= 0 && share <= 1)) {
		throw invalid('offlineShare', 'a number from 0 to 1', share);
	}
};

module.exports = {
	INT32_MAX,
	LANE_NAMES,
	TIMEOUT_MAX,
	checkBoolean,
	checkFunction,
	checkMillis,
	checkObject,
	checkOfflineShare,
	checkString,
	checkWhole,
	isUrlObject,
	isWhole,
	readLane,
};
