'use strict';

module.exports = {
	Lanes: {
		before: `
			globalThis.getUser = async name => name;
			globalThis.rebuild = async what => what;
			globalThis.files = range(4000);
			globalThis.sizeOf = most(async file => file);`,
		behind: 'tell(sizeOf.most <= 8);',
		expected: [true],
	},
};
