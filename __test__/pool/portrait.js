'use strict';

// A value as text, in which every difference shows: types, prototypes, holes, the order of keys, and
// which objects are the same.

const {types} = require('node:util');

const primitive = value => {
	switch (typeof value) {
		case 'string':
			return JSON.stringify(value);
		case 'bigint':
			return `${value}n`;
		case 'number':
			return Object.is(value, -0) ? '-0' : String(value);
		default:
			return String(value);
	}
};

const portrait = root => {
	const seen = new Map();
	const lines = [];
	const next = [];
	const name = value => {
		if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
			return primitive(value);
		}

		if (!seen.has(value)) {
			seen.set(value, `#${seen.size}`);
			next.push(value);
		}

		return seen.get(value);
	};

	const inside = value => {
		if (types.isMap(value)) {
			return [...value].map(([key, item]) => `${name(key)}=>${name(item)}`);
		}

		if (types.isSet(value)) {
			return [...value].map(name);
		}

		if (types.isDate(value) || types.isBoxedPrimitive(value)) {
			return [primitive(value.valueOf())];
		}

		if (types.isRegExp(value)) {
			return [value.source, value.flags, value.lastIndex];
		}

		if (types.isAnyArrayBuffer(value)) {
			return [Buffer.from(value).toString('hex')];
		}

		return ArrayBuffer.isView(value) ? [value.byteOffset, value.byteLength, name(value.buffer)] : [];
	};

	lines.push(name(root));
	while (next.length > 0) {
		const value = next.shift();
		const keys = ArrayBuffer.isView(value) ? [] : Object.keys(value);
		const own = keys.map(key => `${JSON.stringify(key)}:${name(value[key])}`);
		lines.push(
			[
				seen.get(value),
				Object.prototype.toString.call(value),
				Object.getPrototypeOf(value)?.constructor.name,
				Array.isArray(value) ? value.length : '',
				...inside(value),
				...own,
			].join(' '),
		);
	}

	return lines.join('\n');
};

module.exports = {portrait};
