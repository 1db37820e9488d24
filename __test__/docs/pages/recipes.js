'use strict';

const LINES = 300;

/** Folders in folders, deeper than there are slots, with a file in each. */
const nestedFiles = Object.fromEntries(
	Array.from({length: 12}, (_, depth) => [`tree/${'deeper/'.repeat(depth)}file`, '']),
);

module.exports = {
	'Fan-out to several services, a limit each': {
		before: `
			const mailed = [];
			globalThis.ids = range(100);
			globalThis.getUser = most(async id => { if (id % 10 === 3) throw new Error('gone'); return 'user ' + id; });
			globalThis.sendMail = most(async user => { mailed.push(user); });`,
		behind: 'tell([mailed.length, mailed[3], getUser.most, sendMail.most]);',
		expected: [[90, 'user 4', 20, 2]],
	},

	'Retry inside the slot, and one 429 slows all down': {
		before: `
			const asked = {};
			const origin = await originOf(({url}, response) => {
				asked[url] = (asked[url] ?? 0) + 1;
				if (url === '/a' && asked[url] === 1) {
					response.writeHead(429, {'retry-after': '0.02'}).end();
				} else {
					response.writeHead(url === '/none' ? 404 : 200).end(JSON.stringify({url}));
				}
			});
			const request = fetch;
			globalThis.fetch = url => request(url.replace('https://example.com', origin));`,
		behind: `
			const none = await api(get, 'https://example.com/none').catch(({status}) => status);
			tell([answer, none, asked]);`,
		expected: [[{url: '/a'}, 404, {'/a': 2, '/none': 1}]],
	},

	'So many requests and so many tokens a minute': {
		before: `
			globalThis.prompts = ['a', 'b', 'c'];
			globalThis.ask = async prompt => {
				if (prompt === 'bad') throw new Error('refused');
				return {text: prompt + '!', usage: {totalTokens: 5_000}};
			};
			const began = performance.now();`,
		behind: `
			const failed = await Promise.allSettled(Array.from({length: 20}, () => answer('bad')));
			const {available} = tokens.stats().rate;
			const came = (performance.now() - began) * 1.5;
			tell([texts, 5_000 <= available, available <= 5_000 + came, requests.stats().online.granted]);
			tell([failed.every(({status}) => status === 'rejected')]);`,
		expected: [[['a!', 'b!', 'c!'], true, true, 23], [true]],
	},

	'Two rates': {
		before: `
			globalThis.paths = ['/a', '/b', '/c'];
			const order = [];
			globalThis.get = async path => { order.push(path); return path; };`,
		behind: `
			tell([batch, answer, order.indexOf('/now') <= 1, hourly.stats().offline.granted, perSecond.stats().online.granted]);`,
		expected: [[['/a', '/b', '/c'], '/now', true, 3, 1]],
	},

	'Out of order': {
		before: `
			let release;
			const first = new Promise(resolve => { release = resolve; });
			globalThis.items = [1, 2, 3];
			globalThis.work = async x => { if (x === 1) await first; if (x === 3) release(); return x; };`,
	},

	'Recursion without deadlock': {
		files: nestedFiles,
		behind: `
			const found = await walk('tree');
			tell([found.length, found.every(name => name.endsWith('file')), limit.activeCount]);`,
		expected: [[12, true, 0]],
	},

	'A large file, line by line': {
		files: {'urls.txt': Array.from({length: LINES}, (_, line) => `/${line}\n`).join('')},
		before: `globalThis.check = most(async url => 'checked ' + url);`,
		behind: 'tell(check.most);',
		// Offline leaves one slot of eight.
		expected: [...Array.from({length: LINES}, (_, line) => `checked /${line}`), 8],
	},

	'Back pressure for a producer': {
		before: `
			import {EventEmitter} from 'node:events';
			const handled = [];
			const reported = [];
			globalThis.handle = most(async message => {
				for (let turn = 0; turn < 20; turn++) await tick();
				handled.push(message);
				if (message === 7) throw 'seven';
			});
			globalThis.report = error => reported.push(error);
			globalThis.queue = Object.assign(new EventEmitter(), {
				isPaused: false,
				pause() { this.isPaused = true; },
				resume() { this.isPaused = false; },
			});`,
		behind: `
			let mostWait = 0;
			for (let message = 0; message < 500; message++) {
				while (queue.isPaused) await tick();
				queue.emit('message', message);
				mostWait = Math.max(mostWait, limit.pendingCount);
			}

			await limit.onIdle();
			tell([handled.length, reported, handle.most, mostWait]);`,
		expected: [[500, ['seven'], 4, 100]],
	},

	'Graceful shutdown': {
		before: `
			const asked = [];
			globalThis.server = {close: () => tell('closed')};
			globalThis.query = async id => { asked.push(id); throw new Error('no answer for ' + id); };
			globalThis.urls = (async function* () { yield* range(3); await new Promise(() => {}); })();
			globalThis.stored = [];
			globalThis.store = async page => { await tick(); stored.push(page); };
			let downloaded;
			const aborted = [];
			globalThis.download = async (url, {signal}) => {
				if (url === 0) return 'page 0';
				if (url === 1) return new Promise(resolve => { downloaded = () => resolve('page 1'); });
				return new Promise((_, reject) => signal.addEventListener('abort', () => { aborted.push(url); reject(signal.reason); }));
			};
			process.on('exit', code => tell([code, asked, stored, aborted]));
			const forEver = setInterval(() => {}, 60_000);`,
		edit: block =>
			block.replace('20_000', '200').replace("console.log('not finished', left.online, left.offline)", 'tell(left)'),
		behind: `
			const told = ({code, message}) => tell(code ?? message);
			const call = getUser(1).catch(told);
			while (stored.length === 0 || asked.length === 0) await tick();
			await tick();
			limit.pauseFor(3_600_000);
			getUser(2).catch(told);
			process.kill(process.pid, 'SIGTERM');
			await call;
			downloaded();`,
		expected: [
			'closed',
			'ERR_LIMIT_CLOSED',
			'no answer for 1',
			{
				isIdle: false,
				online: {active: 0, dropped: 1, labels: []},
				offline: {active: 1, dropped: 0, labels: [{label: '(anonymous)', count: 1}]},
				abandoned: [],
			},
			[0, [1], ['page 0', 'page 1'], [2]],
		],
	},
};
