'use strict';

// Finds the function that a job names.

const {inspect} = require('node:util');
const {InvalidArgError} = require('../errors.js');

/** Names a function as a message does. */
const listed = names =>
	names.length > 0 ? `it exports ${names.map(name => inspect(name)).join(', ')}` : 'it exports nothing';

/** What has every object and every function is exported by nobody. */
const inherited = [Object.prototype, Function.prototype];

const exported = (object, name) =>
	inherited.some(prototype => object?.[name] === prototype[name]) ? undefined : object?.[name];

/**
 * Imports a module and gives its function of that name. CommonJS counts with what it exports
 * as a whole, whatever Node could tell of its names.
 */
const load = async ({url, name}) => {
	const module = await import(url);
	const candidates = [
		module[name],
		exported(module.default, name),
		name === 'default' ? module.default?.default : undefined,
	];
	const fn = candidates.find(candidate => typeof candidate === 'function');
	if (fn === undefined) {
		const names = Object.keys(module).filter(key => key !== 'module.exports');
		throw new InvalidArgError(
			`\`name\` must be an exported function: there is no ${inspect(name)} in ${url}; ${listed(names)}`,
		);
	}

	return fn;
};

module.exports = {load};
