'use strict';

// Finds the function that a job names.

const {inspect, types} = require('node:util');
const {InvalidArgError, shown} = require('../common/errors.js');
const {loadModule} = require('./load-module.js');

const {getOwnPropertyDescriptor, getPrototypeOf, hasOwn} = Object;

const quoted = names => names.map(name => inspect(name)).join(', ');

const isObject = value => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Returns whether a prototype belongs to the language itself, as those of all objects and functions do. */
const isBuiltin = prototype => {
	const type = getOwnPropertyDescriptor(prototype, 'constructor')?.value;
	return typeof type === 'function' && /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(type));
};

/**
 * Returns a property that a module has given to its exports. They may be an instance of a class, and inherit methods.
 * What every object or function inherits is no export.
 */
const exported = (object, name) => {
	if (types.isProxy(object)) {
		// It does not tell which properties are its own.
		return name in Function.prototype ? undefined : object[name];
	}

	let owner = isObject(object) ? object : null;
	while (owner !== null && !hasOwn(owner, name)) {
		owner = getPrototypeOf(owner);
		if (owner !== null && (name === 'constructor' || isBuiltin(owner))) {
			return undefined;
		}
	}

	return owner === null ? undefined : object[name];
};

/** Describes an export that is no function. */
const describe = async (exports, name) => {
	const value = exported(exports, name);
	return types.isPromise(value) ? `a promise of ${shown(await value)}` : shown(value);
};

/**
 * Returns the function of that name in a module, or undefined. It may be exported as a promise, and so may the
 * `default` export that has it as a property. All properties of a CommonJS module's exports count, even if Node did not
 * detect their names.
 */
const findFunction = async (module, name) => {
	const candidates = [
		() => exported(module, name),
		async () => exported(await module.default, name),
		async () => (name === 'default' ? (await module.default)?.default : undefined),
	];
	for (const candidate of candidates) {
		const fn = await candidate();
		if (typeof fn === 'function') {
			return fn;
		}
	}

	return undefined;
};

const notFound = async (module, {url, name}) => {
	const defaults = await module.default;
	const names = new Set([...Object.keys(module), ...(isObject(defaults) ? Object.keys(defaults) : [])]);
	names.delete('module.exports');
	if (!names.delete(name)) {
		return new InvalidArgError(
			`\`name\` must be an exported function: there is no ${inspect(name)} in ${url}; it exports ${quoted([...names]) || 'nothing'}`,
		);
	}

	const what = await describe(Object.hasOwn(module, name) ? module : defaults, name);
	const others = names.size > 0 ? `; it also exports ${quoted([...names])}` : '';
	return new InvalidArgError(`\`name\` must be an exported function: ${inspect(name)} in ${url} is ${what}${others}`);
};

/** Loads a module and returns its function of that name. */
const load = async description => {
	const module = await loadModule(description.url);
	const fn = await findFunction(module, description.name);
	if (fn === undefined) {
		throw await notFound(module, description);
	}

	return fn;
};

module.exports = {findFunction, load};
