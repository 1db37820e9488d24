'use strict';

module.exports = {
	'What to look at': {
		before: `
			globalThis.targets = new Map([['app', {needs: ['core']}], ['core', {needs: []}]]);
			globalThis.runCommand = async name => {};`,
	},
};
