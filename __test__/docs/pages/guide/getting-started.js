'use strict';

module.exports = {
	'Give the batch a lane': {
		before: `
			globalThis.files = range(4000);
			globalThis.summarize = async file => { await tick(); return file; };
			globalThis.lookUp = async word => 'found ' + word;`,
	},

	'End the process': {
		before: 'globalThis.forEver = setInterval(() => {}, 60_000);',
		behind: `
			const call = limit(async () => { await tick(); tell('ended'); });
			process.kill(process.pid, 'SIGTERM');
			process.on('exit', code => tell(code));`,
		expected: ['ended', 0],
	},
};
