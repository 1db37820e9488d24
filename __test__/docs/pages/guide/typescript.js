'use strict';

module.exports = {
	'Pools that know their functions (2)': {
		// What the compiler makes of the file above it.
		files: {
			'squares.mjs': 'export default n => n ** 2; export const sum = numbers => numbers.reduce((a, b) => a + b, 0);',
		},
	},
};
