'use strict';

module.exports = {
	'One limit over worker threads': {
		files: {
			'other.mjs': `
				import {parentPort} from 'node:worker_threads';
				import pLimit from 'p-lanes';

				const db = pLimit({name: 'db'});
				parentPort.postMessage([db.concurrency, db.activeCount, await db(() => 'in a worker')]);`,
		},
		before: `
			import {once} from 'node:events';
			import {Worker} from 'node:worker_threads';
			globalThis.query = async sql => [sql];`,
		behind: `
			let end;
			db(() => new Promise(resolve => { end = resolve; }));
			const [told] = await once(new Worker(new URL('other.mjs', import.meta.url)), 'message');
			end();
			tell([rows, told]);`,
		expected: [[['select 1'], [10, 1, 'in a worker']]],
	},
};
