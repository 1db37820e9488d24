'use strict';

// The error for a value that can't be sent to another thread. It names the part that can't.

const {types} = require('node:util');
const {NotCloneableError} = require('../../common/errors.js');

/** Returns a step of a path as text: a number is an index, a string a property, and an object has the text. */
const stepText = step => {
	switch (typeof step) {
		case 'number':
			return `[${step}]`;
		case 'string':
			return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
		default:
			return step.text;
	}
};

/** The step to the key of an entry of a Map, to its value, or to an item of a Set. */
const keyStep = index => ({text: ` (key ${index} of the Map)`});
const valueStep = (index, key) => {
	if ((typeof key === 'object' && key !== null) || typeof key === 'function') {
		return {text: ` (value ${index} of the Map)`};
	}

	return {text: `.get(${typeof key === 'string' ? JSON.stringify(key) : String(key)})`};
};

const itemStep = index => ({text: ` (item ${index} of the Set)`});

const classNameOf = value => {
	try {
		const name = value.constructor?.name;
		return typeof name === 'string' && name !== '' ? name : 'Object';
	} catch {
		return 'Object'; // a getter has thrown
	}
};

const describe = value => {
	if (typeof value === 'function') {
		const name = types.isProxy(value) ? '' : Object.getOwnPropertyDescriptor(value, 'name')?.value;
		return `a function${typeof name === 'string' && name !== '' ? ` (${name})` : ''}`;
	}

	if (typeof value === 'symbol') {
		return 'a symbol';
	}

	const name = types.isProxy(value) ? 'Proxy' : classNameOf(value);
	return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`;
};

const notCloneable = (path, value, cause) =>
	new NotCloneableError(`\`${path}\` can't be sent to another thread: it is ${describe(value)}`, {cause});

module.exports = {describe, itemStep, keyStep, notCloneable, stepText, valueStep};
