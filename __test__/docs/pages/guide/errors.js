'use strict';

module.exports = {
	Errors: {
		before: `
			globalThis.getUser = async (url, {signal}) => {
				if (url === '/wait') throw Object.assign(new RetryAfterError('wait'), {retryAfter: 90_001});
				if (url === '/slow') return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
				if (url === '/bad') throw new Error('bad');
				return {url};
			};`,
		edit: block => block.replace('5000', '20'),
		behind: `
			const asked = async url => {
				let head;
				const ended = new Promise(resolve => handle({url}, {
					writeHead(...given) { head = given; return this; },
					end: body => resolve(body ?? head),
				}));
				return ended;
			};
			tell(await Promise.all(['/a', '/wait', '/slow', '/bad'].map(asked)));
			limit.pause();
			const waiting = range(100).map(() => asked('/b'));
			tell(await asked('/full'));
			limit.resume();
			await Promise.all(waiting);
			await limit.drain();
			tell(await asked('/closed'));`,
		expected: [
			['{"url":"/a"}', [503, {'retry-after': '91'}], [504, {}], [500, {}]],
			[503, {'retry-after': '1'}],
			[503, {'retry-after': '1', connection: 'close'}],
		],
	},
};
