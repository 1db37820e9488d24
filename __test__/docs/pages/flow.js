'use strict';

module.exports = {
	'Options of a call: `with`': {
		before: `
			let asked = 0;
			globalThis.url = await originOf((_, response) => { asked++; response.end('answer'); });
			const controller = new AbortController();
			globalThis.signal = controller.signal;`,
		behind: `
			const answers = await lane.map([url, url], async url => (await fetch(url)).text());
			controller.abort('enough');
			tell([answers, asked, await lane(fetch, url).catch(reason => reason)]);`,
		// The block itself declares `limit`.
		expected: [[['answer', 'answer'], 3, 'enough']],
	},

	'Retries and Retry-After': {
		before: `
			const asked = {};
			globalThis.urls = ['a', 'b'];
			globalThis.download = async url => {
				asked[url] = (asked[url] ?? 0) + 1;
				if (url === 'a' && asked.a === 1) {
					throw Object.assign(new Error('429'), {status: 429, headers: {'retry-after-ms': '20'}});
				}
				return 'page ' + url;
			};`,
		behind: 'tell([pages, asked]);',
		expected: [[['page a', 'page b'], {a: 2, b: 1}]],
	},

	'A function that can be stopped: `run`': {
		before: `
			globalThis.url = 'https://a.example';
			let attempts = 0;
			globalThis.fetch = async (url, {signal}) => {
				attempts++;
				if (attempts === 1) throw new Error('again');
				return [url, attempts, signal.aborted];
			};`,
		behind: 'tell(answer);',
		expected: [['https://a.example', 2, false]],
	},

	'Calls that never end': {
		edit: block => block.replace('30_000', '20'),
		behind: `
			limit.concurrency = 1;
			const code = await lane(() => new Promise(() => {})).catch(({code}) => code);
			tell([code, await limit(() => 'next'), limit.stats().abandoned]);`,
		expected: [['ERR_TASK_TIMEOUT', 'next', 1]],
	},

	'The end: `drain`': {
		before: 'const call = limit(async () => { await tick(); return 1; });',
		behind: 'tell([await call, left.isIdle, await limit(() => 2).catch(({code}) => code)]);',
		expected: [[1, true, 'ERR_LIMIT_CLOSED']],
	},

	'Two limits at once: `chain`': {
		before: 'globalThis.hourly = pLimit(8); globalThis.perSecond = pLimit(2);',
		behind:
			'const work = most(async () => {}); await api.offline.map(range(9), work); tell([work.most, api.activeCount]);',
		expected: [[2, 0]],
	},

	'Sources: `stream` and `transform`': {
		before: `
			let ahead = 0;
			let mostAhead = 0;
			const stored = [];
			globalThis.urls = range(100);
			globalThis.download = most(async url => { mostAhead = Math.max(mostAhead, ++ahead); return url; });
			globalThis.store = async page => { await tick(); ahead--; stored.push(page); };`,
		behind: 'tell([stored.length, stored[99], download.most, mostAhead <= 8 + 4 + 1]);',
		expected: [[100, 99, 8, true]],
	},

	'Leaving a stream': {
		before: `
			const log = [];
			globalThis.limit = pLimit(2);
			globalThis.work = async row => row;
			globalThis.cursor = (async function* () {
				try {
					for (const row of ['one', 'the one', 'another']) {
						yield row;
					}
					await tick();
					log.push('read');
				} finally {
					await tick();
					log.push('closed');
				}
			})();
			globalThis.connection = {close: async () => { log.push('connection closed'); }};`,
		behind: 'tell(log.filter(word => word !== "read"));',
		expected: [['closed', 'connection closed']],
	},

	'Async contexts': {
		before: `
			import {AsyncLocalStorage} from 'node:async_hooks';
			globalThis.limit = pLimit(2);
			globalThis.storage = new AsyncLocalStorage();
			globalThis.request = 'request';
			globalThis.source = {async *[Symbol.asyncIterator]() { yield storage.getStore(); await tick(); yield storage.getStore(); }};
			globalThis.work = async item => [item, storage.getStore()];`,
		behind: 'for await (const seen of stream) tell(seen);',
		expected: [
			['request', 'request'],
			['request', 'request'],
		],
	},

	'Under fake timers': {
		before: `
			import FakeTimers from ${JSON.stringify(require.resolve('@sinonjs/fake-timers'))};
			globalThis.limit = pLimit(1);
			globalThis.url = 'https://a.example';
			let end;
			globalThis.fetch = () => new Promise(resolve => { end = resolve; });
			let clock;
			globalThis.jest = {
				useFakeTimers() { clock = FakeTimers.install(); },
				advanceTimersByTimeAsync(duration) { answer.catch(() => {}); return clock.tickAsync(duration); },
			};`,
		behind: 'tell(await answer.catch(error => error.code)); end();',
		expected: ['ERR_TASK_TIMEOUT'],
	},
};
