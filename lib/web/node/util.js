'use strict';

// In place of `node:util`: what the messages of errors need of it.

const {prototype} = Object;

const tagOf = value => prototype.toString.call(value).slice(8, -1);

const quoted = text => {
	const quote = ["'", '"', '`'].find(mark => !text.includes(mark)) ?? "'";
	const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
	return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
};

/** In place of the name of a class: there is none. */
const NO_CLASS = 'Object: null prototype';

const classOf = object => {
	const owner = Object.getPrototypeOf(object)?.constructor;
	return typeof owner === 'function' ? owner.name : NO_CLASS;
};

const shownFunction = fn => {
	const isClass = /^class\b/.test(Function.prototype.toString.call(fn));
	return `[${isClass ? 'class' : 'Function'}${fn.name === '' ? ' (anonymous)' : `${isClass ? ' ' : ': '}${fn.name}`}]`;
};

/** Shows a value inside of another one. */
const shownInside = value => {
	if (typeof value !== 'object' || value === null) {
		return inspect(value);
	}

	return Array.isArray(value) ? '[Array]' : `[${classOf(value)}]`;
};

const keyOf = key => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key));

/** Shows a property of an object, and runs no getter. */
const shownProperty = (object, key) => {
	const {get, set, value} = Object.getOwnPropertyDescriptor(object, key);
	if (get !== undefined) {
		return set === undefined ? '[Getter]' : '[Getter/Setter]';
	}

	return set === undefined ? shownInside(value) : '[Setter]';
};

/** So many items or properties are shown. */
const MOST_PARTS = 100;

/** Shows the parts between brackets, as `show` does each. */
const around = (begin, parts, show, end) => {
	if (parts.length === 0) {
		return begin + end;
	}

	const rest = parts.length - MOST_PARTS;
	const more = rest > 0 ? [`... ${rest} more item${rest === 1 ? '' : 's'}`] : [];
	return `${begin} ${[...parts.slice(0, MOST_PARTS).map(show), ...more].join(', ')} ${end}`;
};

const shownObject = object => {
	if (Array.isArray(object)) {
		return around('[', object, shownInside, ']');
	}

	switch (tagOf(object)) {
		case 'Error':
			return object.stack ?? `[${object}]`;
		case 'Date':
			return Number.isNaN(object.getTime()) ? 'Invalid Date' : object.toISOString();
		case 'RegExp':
			return String(object);
		default: {
			const name = classOf(object).replace(NO_CLASS, `[${NO_CLASS}]`);
			const size = typeof object.size === 'number' && !Object.hasOwn(object, 'size') ? `(${object.size})` : '';
			const shownPart = key => `${keyOf(key)}: ${shownProperty(object, key)}`;
			return around(`${name === 'Object' ? '' : `${name}${size} `}{`, Object.keys(object), shownPart, '}');
		}
	}
};

/** Shows a value in one line, as Node does with a depth of 0, but less of it. */
const inspect = value => {
	switch (typeof value) {
		case 'string':
			return quoted(value);
		case 'bigint':
			return `${value}n`;
		case 'number':
			return Object.is(value, -0) ? '-0' : String(value);
		case 'function':
			return shownFunction(value);
		case 'object':
			return value === null ? 'null' : shownObject(value);
		default:
			return String(value);
	}
};

const types = {
	isNativeError: value => (typeof value === 'object' || typeof value === 'function') && tagOf(value) === 'Error',
	/** No code can find out. */
	isProxy: () => false,
};

module.exports = {inspect, types};
