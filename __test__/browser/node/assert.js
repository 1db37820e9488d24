'use strict';

// In place of `node:assert/strict`, in a page: the assertions that specs use.

const {inspect} = require('../../../lib/web/node/util.js');

class AssertionError extends Error {
	name = 'AssertionError';
	code = 'ERR_ASSERTION';
}

const shown = value => {
	try {
		return typeof value === 'object' && value !== null && !(value instanceof Error)
			? JSON.stringify(value, (_, inner) =>
					typeof inner === 'object' || typeof inner === 'string' ? inner : inspect(inner),
				)
			: inspect(value);
	} catch {
		return inspect(value);
	}
};

const fail = (message = 'failed') => {
	throw message instanceof Error ? message : new AssertionError(message);
};

const check = (holds, message, otherwise) => {
	if (!holds) {
		fail(message ?? otherwise());
	}
};

const keysOf = object => [
	...Object.keys(object),
	...Object.getOwnPropertySymbols(object).filter(key => Object.prototype.propertyIsEnumerable.call(object, key)),
];

const isObject = value => typeof value === 'object' && value !== null;

const sameEntries = (a, b, seen) => {
	if (a instanceof Map) {
		return a.size === b.size && [...a].every(([key, value]) => b.has(key) && isSame(value, b.get(key), seen));
	}

	if (a instanceof Set) {
		const others = [...b];
		return a.size === b.size && [...a].every(value => others.some(other => isSame(value, other, seen)));
	}

	return true;
};

/** Deep equality as of `deepStrictEqual`. */
const isSame = (a, b, seen = new Map()) => {
	if (Object.is(a, b)) {
		return true;
	}

	if (!isObject(a) || !isObject(b) || Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) {
		return false;
	}

	if (seen.get(a) === b) {
		return true;
	}

	seen.set(a, b);
	if (a instanceof Date || a instanceof RegExp) {
		return String(a) === String(b) && Number(a) === Number(b);
	}

	if (a instanceof Error && (a.name !== b.name || a.message !== b.message || !isSame(a.cause, b.cause, seen))) {
		return false;
	}

	const keys = keysOf(a);
	return (
		Array.isArray(a) === Array.isArray(b) &&
		a.length === b.length &&
		keys.length === keysOf(b).length &&
		keys.every(key => Object.hasOwn(b, key) && isSame(a[key], b[key], seen)) &&
		sameEntries(a, b, seen)
	);
};

const ok = (value, message) => check(value, message, () => `expected a truthy value, got ${shown(value)}`);
const equal = (a, b, message) => check(Object.is(a, b), message, () => `expected ${shown(b)}, got ${shown(a)}`);
const notEqual = (a, b, message) => check(!Object.is(a, b), message, () => `expected anything but ${shown(b)}`);
const deepEqual = (a, b, message) => check(isSame(a, b), message, () => `expected ${shown(b)}, got ${shown(a)}`);
const notDeepEqual = (a, b, message) => check(!isSame(a, b), message, () => `expected anything but ${shown(b)}`);
const match = (text, pattern, message) =>
	check(pattern.test(text), message, () => `expected ${shown(text)} to match ${pattern}`);
const doesNotMatch = (text, pattern, message) =>
	check(!pattern.test(text), message, () => `expected ${shown(text)} not to match ${pattern}`);

/** Checks an error as `rejects` and `throws` do: by a class, a pattern, a function, or properties. */
const checkError = (error, expected, message) => {
	if (expected === undefined || typeof expected === 'string') {
		return;
	}

	if (expected instanceof RegExp) {
		match(String(error), expected, message);
	} else if (typeof expected !== 'function') {
		for (const key of new Set([...(expected instanceof Error ? ['name', 'message'] : []), ...Object.keys(expected)])) {
			const [given, wanted] = [error?.[key], expected[key]];
			const holds = wanted instanceof RegExp && typeof given === 'string' ? wanted.test(given) : isSame(given, wanted);
			check(
				holds,
				message,
				() => `expected the error's ${key} to be ${shown(wanted)}, got ${shown(given)}: ${error?.stack}`,
			);
		}
	} else if (expected.prototype !== undefined && error instanceof expected) {
		// It is of the class.
	} else if (expected === Error || expected.prototype instanceof Error) {
		throw error;
	} else {
		check(
			expected.call({}, error) === true,
			message,
			() => `the error is not the expected one: ${error?.stack ?? shown(error)}`,
		);
	}
};

const throws = (fn, expected, message) => {
	let thrown;
	try {
		fn();
	} catch (error) {
		thrown = {error};
	}

	check(thrown, message, () => 'expected the function to throw');
	checkError(thrown.error, expected, message);
};

const rejects = async (given, expected, message) => {
	let rejected;
	try {
		await (typeof given === 'function' ? given() : given);
	} catch (error) {
		rejected = {error};
	}

	check(rejected, message, () => 'expected the promise to reject');
	checkError(rejected.error, expected, message);
};

module.exports = Object.assign(ok, {
	AssertionError,
	deepEqual,
	deepStrictEqual: deepEqual,
	doesNotMatch,
	doesNotReject: async given => {
		await (typeof given === 'function' ? given() : given);
	},
	doesNotThrow: fn => {
		fn();
	},
	equal,
	fail,
	match,
	notDeepEqual,
	notEqual,
	ok,
	rejects,
	strictEqual: equal,
	throws,
});
