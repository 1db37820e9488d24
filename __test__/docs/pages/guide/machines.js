'use strict';

module.exports = {
	'Divide the limit': {
		behind: 'tell([api.concurrency, api.rate]);',
		expected: [[10, {limit: 22, interval: 1000, burst: 2}]],
	},

	'One process owns the limit': {
		before: `
			globalThis.service = await originOf(({url}, response) => {
				if (url !== '/slow') {
					response.writeHead(url === '/none' ? 404 : 200, {'content-type': 'text/x'}).end('page ' + url);
				}
			});`,
		edit: block =>
			block
				.replace('rate: {limit: 90, interval: 1000, burst: 10}', 'rate: {limit: 1e6, interval: 1000, burst: 1e6}')
				.replace('online: 200', 'online: 5')
				.replace('5000', '60_000'),
		behind: `
			await new Promise(resolve => gateway.listen(0, '127.0.0.1', resolve));
			const get = async (path, headers = {}) => {
				const response = await fetch('http://127.0.0.1:' + gateway.address().port + path, {headers});
				return [response.status, response.headers.get('content-type'), await response.text()];
			};
			tell([await get('/a', {'x-lane': 'offline'}), await get('/none'), limit.stats().offline.granted]);
			limit.pause();
			const waiting = range(5).map(() => get('/b'));
			while (limit.online.pendingCount < 5) await tick();
			tell(await get('/b'));
			limit.resume();
			tell(new Set((await Promise.all(waiting)).map(([status]) => status)).size);
			process.exit();`,
		expected: [[[200, 'text/x', 'page /a'], [404, 'text/x', 'page /none'], 1], [503, null, ''], 1],
	},

	'A queue server': {
		before: `
			const jobs = range(20);
			const done = [];
			const failed = [];
			globalThis.queue = {
				take: async () => jobs.shift(),
				done: job => done.push(job),
				failed: (job, error) => failed.push(job),
			};
			globalThis.work = most(async job => { if (job === 3) throw new Error('three'); });`,
		behind: 'await takeJobs(); await null; tell([done.length, failed, work.most <= 8, jobs.length]);',
		expected: [[19, [3], true, 0]],
	},
};
