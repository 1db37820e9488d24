'use strict';

// Checks of arguments that more than one part of the package takes. What can't be used is thrown.

const {invalid} = require('./errors.js');

/** The lanes by the numbers that Rust knows them by. */
const lanes = {online: 0, offline: 1};

/** The highest of the whole numbers that travel to Rust as 32 bits. */
const HIGHEST = 2 ** 31 - 1;

const isWhole = (value, least, most = Number.MAX_SAFE_INTEGER) =>
	Number.isSafeInteger(value) && value >= least && value <= most;

const checkWhole = (name, value, least, most = Number.MAX_SAFE_INTEGER) => {
	if (!isWhole(value, least, most)) {
		const upTo = most === Number.MAX_SAFE_INTEGER ? ` or more` : ` to ${most}`;
		throw invalid(name, `a whole number from ${least}${upTo}`, value);
	}
};

/** The longest that Node's timers can wait, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

const checkMillis = (name, value, least) => {
	if (!(typeof value === 'number' && value >= least && value <= LONGEST)) {
		throw invalid(name, `a number of milliseconds from ${least} to ${LONGEST}`, value);
	}
};

const readLane = lane => {
	if (typeof lane !== 'string' || !Object.hasOwn(lanes, lane)) {
		throw invalid('lane', "'online' or 'offline'", lane);
	}

	return lanes[lane];
};

const checkBoolean = (name, value) => {
	if (typeof value !== 'boolean') {
		throw invalid(name, 'a boolean', value);
	}
};

const checkFunction = (name, value) => {
	if (typeof value !== 'function') {
		throw invalid(name, 'a function', value);
	}
};

/** Whether the memory of a buffer was transferred away. */
const isDetached = buffer => {
	try {
		return buffer.byteLength === 0 && new Uint8Array(buffer) === undefined;
	} catch {
		return true;
	}
};

const checkSignal = signal => {
	if (
		!(
			typeof signal === 'object' &&
			signal !== null &&
			'aborted' in signal &&
			typeof signal.addEventListener === 'function'
		)
	) {
		throw invalid('signal', 'an AbortSignal', signal);
	}
};

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
	HIGHEST,
	LONGEST,
	checkBoolean,
	checkFunction,
	checkMillis,
	checkObject,
	checkOfflineShare,
	checkSignal,
	checkWhole,
	isDetached,
	isWhole,
	readLane,
};
