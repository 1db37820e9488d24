'use strict';

// Errors on their way to another thread. A structured clone leaves out parts of an error, and it runs getters. So an
// error travels as a bare error, and beside it a flat record of what the error has.

const {DOMException} = require('../../common/environment.js');
const {brand} = require('../../common/errors.js');
const {deserialize, serialize} = require('./clone.js');
const {isDomException} = require('./object-types.js');

const {defineProperty, getPrototypeOf, hasOwn, setPrototypeOf} = Object;

/** The built-in error classes, by name. */
const builtin = Object.fromEntries(
	[Error, AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map(type => [
		type.name,
		type,
	]),
);

const DOM_EXCEPTION = 'DOMException';

/** Calls a function that may run code of the user. Returns undefined if it throws. */
const attempt = read => {
	try {
		return read();
	} catch {
		return undefined;
	}
};

/** Returns the name of the built-in class of an error. */
const builtinOf = error => {
	if (isDomException(error)) {
		return DOM_EXCEPTION;
	}

	for (let prototype = getPrototypeOf(error); prototype !== null; prototype = getPrototypeOf(prototype)) {
		const name = hasOwn(prototype, 'constructor') && prototype.constructor?.name;
		if (typeof name === 'string' && hasOwn(builtin, name)) {
			// Also the class of another realm.
			return name;
		}
	}

	return 'Error';
};

/** Returns the name of an error: its `name`, else the name of its class. */
const nameOf = error => {
	const {name} = error;
	const isOwn = hasOwn(error, 'name') || !hasOwn(builtin, name);
	return String(isOwn ? name : attempt(() => error.constructor?.name) || name);
};

const textOf = value => (value === undefined ? undefined : attempt(() => String(value)));

const bareBytes = serialize(defineProperty(new Error(''), 'stack', {value: ''}));

/** Returns an error without any properties of its own. The user's `Error.prepareStackTrace` is not called for it. */
const bareError = () => deserialize(bareBytes);

/** Reads what every error has, once, and leaves out what can't be read. */
const readError = error => {
	const type = attempt(() => builtinOf(error)) ?? 'Error';
	const name = attempt(() => nameOf(error)) ?? type;
	const message = textOf(attempt(() => error.message)) ?? '';
	const stack = attempt(() => error.stack);
	const code = type === DOM_EXCEPTION ? undefined : attempt(() => error.code);
	return {
		type,
		brand: textOf(attempt(() => error[brand])),
		hidden: {
			name,
			message,
			stack: typeof stack === 'string' ? stack : `${name}: ${message}`,
			...((typeof code === 'string' || typeof code === 'number') && {code}),
		},
	};
};

const hide = (object, key, value) => {
	defineProperty(object, key, {value, writable: true, configurable: true, enumerable: false});
};

/** Gives a bare error all that its record has. */
const restoreError = ({error, type, own, brand: code, hidden}) => {
	if (type !== DOM_EXCEPTION && getPrototypeOf(error) !== builtin[type].prototype) {
		setPrototypeOf(error, builtin[type].prototype);
	}

	for (const [key, value] of Object.entries(own)) {
		defineProperty(error, key, {value, writable: true, configurable: true, enumerable: true});
	}

	for (const [key, value] of Object.entries(hidden)) {
		if (!hasOwn(own, key) && error[key] !== value) {
			hide(error, key, value);
		}
	}

	if (hasOwn(hidden, 'cause') && !hasOwn(error, 'cause')) {
		hide(error, 'cause', hidden.cause);
	}

	if (code !== undefined) {
		defineProperty(error, brand, {value: code});
	}
};

/** Puts other objects in the place of some, everywhere in a value that was received. */
const replaceAll = (root, replacements) => {
	const seen = new Set([root]);
	const next = [root];
	const replaced = value => {
		if (typeof value !== 'object' || value === null) {
			return value;
		}

		if (replacements.has(value)) {
			return replacements.get(value);
		}

		if (!seen.has(value)) {
			seen.add(value);
			next.push(value);
		}

		return value;
	};

	while (next.length > 0) {
		const value = next.pop();
		if (value instanceof Map) {
			const entries = [...value];
			value.clear();
			for (const [key, item] of entries) {
				value.set(replaced(key), replaced(item));
			}
		} else if (value instanceof Set) {
			const items = [...value];
			value.clear();
			for (const item of items) {
				value.add(replaced(item));
			}
		} else if (!ArrayBuffer.isView(value)) {
			for (const key of Object.keys(value)) {
				const item = value[key];
				const other = replaced(item);
				if (other !== item) {
					defineProperty(value, key, {value: other, writable: true, configurable: true, enumerable: true});
				}
			}
		}
	}
};

/** Restores the errors in a received value, and returns the value. */
const restoreErrors = (value, records = []) => {
	const domExceptions = new Map();
	for (const record of records) {
		if (record.type === DOM_EXCEPTION) {
			const {name, message} = record.hidden;
			domExceptions.set(record.error, new DOMException(message, name));
		}
	}

	const received = {value, records};
	if (domExceptions.size > 0) {
		replaceAll(received, domExceptions);
	}

	for (const record of records) {
		restoreError(record);
	}

	return received.value;
};

module.exports = {attempt, bareError, readError, restoreErrors};
