'use strict';

// Finds the function that a job names.

const {inspect} = require('node:util');

/** Names a function as a message does. */
const listed = names =>
	names.length > 0 ? `it exports ${names.map(name => inspect(name)).join(', ')}` : 'it exports nothing';

/**
 * Imports a module and gives it with the function of that name. CommonJS counts with what it exports
 * as a whole, whatever Node could tell of its names.
 */
const load = async ({url, name}) => {
	const module = await import(url);
	const candidates = [module[name], module.default?.[name], name === 'default' ? module.default?.default : undefined];
	const fn = candidates.find(candidate => typeof candidate === 'function');
	if (fn === undefined) {
		const names = Object.keys(module).filter(key => key !== 'module.exports');
		throw new TypeError(
			`\`name\` must be an exported function: there is no ${inspect(name)} in ${url}; ${listed(names)}`,
		);
	}

	return {module, fn};
};

module.exports = {load};
