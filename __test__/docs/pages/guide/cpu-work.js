'use strict';

module.exports = {
	'Kernels: hash and compress': {
		files: {one: 'one'},
		before: `
			import {Buffer} from 'node:buffer';
			globalThis.buffers = [Buffer.from('a'), Buffer.from('b')];
			globalThis.paths = ['one'];
			globalThis.data = Buffer.from('data'.repeat(1000));`,
	},
};
