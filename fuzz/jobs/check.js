'use strict';

// What must hold for any value: a job that gives its task back gives what `structuredClone` gives.

const {inspect, isDeepStrictEqual, types} = require('node:util');
const {makeValue} = require('./values.js');

const clone = value => {
	try {
		return {value: structuredClone(value)};
	} catch (error) {
		return {error};
	}
};

/** Whether errors are in a value: those arrive with more than a clone of them has. */
const hasErrors = (value, seen = new Set()) => {
	if (value === null || typeof value !== 'object' || seen.has(value)) {
		return false;
	}

	seen.add(value);
	if (types.isNativeError(value)) {
		return true;
	}

	const parts = types.isMap(value) ? [...value].flat() : types.isSet(value) ? [...value] : [];
	const own = ArrayBuffer.isView(value) ? [] : Object.keys(value).map(key => value[key]);
	return [...parts, ...own].some(part => hasErrors(part, seen));
};

/** Throws where a value comes back as another one than its clone. `run` gives it to a pool. */
const check = async (bytes, run) => {
	const value = makeValue(bytes);
	const once = clone(value);
	const twice = once.error ? once : clone(once.value);
	let result;
	try {
		result = await run(value);
	} catch (error) {
		if (error.code === 'ERR_NOT_CLONEABLE' && twice.error !== undefined) {
			return;
		}

		throw new Error(`${Buffer.from(bytes).toString('hex')}: ${inspect(value)} is refused`, {cause: error});
	}

	if (twice.error !== undefined) {
		throw new Error(`${Buffer.from(bytes).toString('hex')}: ${inspect(value)} is not refused`, {cause: twice.error});
	}

	if (!hasErrors(value) && !isDeepStrictEqual(result, twice.value)) {
		throw new Error(
			`${Buffer.from(bytes).toString('hex')}: ${inspect(value)} came back as ${inspect(result)}, not ${inspect(twice.value)}`,
		);
	}
};

/** Changes some bytes, and gives a copy; `chance` gives whole numbers below a limit. */
const changed = (bytes, chance) => {
	const copy = [...bytes];
	for (let times = chance(4); times >= 0; times--) {
		const place = chance(copy.length + 1);
		switch (chance(4)) {
			case 0:
				copy.splice(place, 1);
				break;
			case 1:
				copy.splice(place, 0, ...copy.slice(chance(copy.length + 1), chance(copy.length + 1)));
				break;
			case 2:
				copy.splice(place, 0, chance(256));
				break;
			default:
				copy[place] = chance(256);
		}
	}

	return Uint8Array.from(copy.slice(0, 2000));
};

module.exports = {changed, check};
