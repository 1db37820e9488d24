'use strict';

const work = 'globalThis.work = index => new Promise(setImmediate);';

module.exports = {
	'Many tenants': {
		before: work,
		behind: 'tell(tenants("large").stats().online.settled);',
		expected: [10_000],
	},
	'Under a limit that exists': {before: 'globalThis.query = async what => what;'},
	'All keys at once': {before: work},
};
