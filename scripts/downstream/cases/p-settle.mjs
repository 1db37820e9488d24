const settle = `
	(async () => {
		for (const concurrency of [1, 3, Infinity]) {
			const events = [];
			const work = index => async () => {
				events.push('begin ' + index);
				await delay((index * 7) % 5);
				events.push('end ' + index);
				if (index % 4 === 3) {
					throw new RangeError('task ' + index);
				}

				return {index};
			};

			const input = [
				...Array.from({length: 20}, (_, index) => work(index)),
				'a value',
				Promise.resolve('a promise'),
				() => { throw new TypeError('at once'); },
				{then: resolve => resolve('a thenable')},
			];
			const results = await pSettle(input, {concurrency});
			console.log(concurrency, results);
			if (concurrency === 1) {
				console.log(events.join('; '));
			}
		}

		console.log(await pSettle([], {concurrency: 2}));
	})();
`;

// The lines of a stack are the library's own files, so errors are compared without them.
const scrub = [[/\n\s+at .+/g, '']];

export default [
	{
		packages: {'p-settle': '4.1.1'},
		does: 'settles functions, promises and failures',
		files: {
			'run.cjs': `
				const {setTimeout: delay} = require('node:timers/promises');
				const pSettle = require('p-settle');
				${settle}
			`,
		},
		steps: [['node', 'run.cjs']],
		scrub,
	},
	{
		packages: {'p-settle': '5.2.1'},
		does: 'settles functions, promises and failures',
		files: {
			'run.mjs': `
				import {setTimeout as delay} from 'node:timers/promises';
				import pSettle from 'p-settle';
				${settle}
			`,
		},
		steps: [['node', 'run.mjs']],
		scrub,
	},
];
