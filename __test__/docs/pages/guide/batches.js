'use strict';

const assert = require('node:assert/strict');

const LINES = 300;

const names = `
	globalThis.names = ['a', 'bb', 'ccc'];
	globalThis.sizeOf = async name => name.length;`;

const short = `
	globalThis.names = ['a', 'bb', 'ccc'];
	globalThis.sizeOf = async name => { if (name === 'ccc') throw new Error('too long'); return name.length; };`;

module.exports = {
	'All results: `map`': {before: names},

	'Leave an item out: `skip`': {
		before: `globalThis.find = async name => (name === 'nobody' ? undefined : 'user ' + name);`,
	},

	'When an item fails (2)': {before: short},
	'When an item fails (3)': {before: short},

	'A cost for each item': {
		before: `
			globalThis.prompts = ['one', 'three', 'four'];
			globalThis.estimate = prompt => prompt.length * 50;
			globalThis.ask = async prompt => prompt;`,
	},

	'A progress bar': {
		before: `
			globalThis.files = range(50);
			globalThis.upload = async file => { await tick(); if (file % 10 === 0) throw new Error('no'); };`,
		// Here is no terminal.
		edit: block => block.replace("s left'", "s left', noTTYOutput: true, stream: process.stdout"),
		behind: 'console.log(outcomes.length);',
		expected(lines) {
			assert.match(lines.join('\n'), /█ 50 of 50, 5 failed, 0 s left/);
			assert.equal(lines.at(-1), '50');
		},
	},

	'A source without end: `stream`': {
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

	'A source without end: `stream` (2)': {
		before: `
			let release;
			const first = new Promise(resolve => { release = resolve; });
			globalThis.work = async x => { if (x === 1) await first; if (x === 3) release(); return x; };`,
	},

	'A large file, line by line': {
		files: {'urls.txt': Array.from({length: LINES}, (_, line) => `/${line}\n`).join('')},
		before: `globalThis.check = most(async url => 'checked ' + url);`,
		behind: 'tell(check.most);',
		expected: [...Array.from({length: LINES}, (_, line) => `checked /${line}`), 8],
	},

	'Leave a stream': {
		before: `
			const log = [];
			globalThis.limit = pLimit(2);
			globalThis.work = async row => row;
			globalThis.cursor = (async function* () {
				try {
					yield* ['one', 'the one', 'another'];
				} finally {
					await tick();
					log.push('closed');
				}
			})();
			globalThis.connection = {close: async () => { log.push('connection closed'); }};`,
		behind: 'tell(log);',
		expected: [['closed', 'connection closed']],
	},

	'A step of a pipeline: `transform`': {
		files: {'urls.txt': '/a\n/b\n'},
		behind: `
			import {readFile} from 'node:fs/promises';
			tell(await readFile('report.txt', 'utf8'));`,
		expected: ['/a is fine\n/b is fine\n'],
	},

	'Back pressure': {
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

	'Back pressure (2)': {
		before: `
			globalThis.urls = range(300);
			let mostWait = 0;
			globalThis.download = most(async url => { mostWait = Math.max(mostWait, limit.pendingCount); if (url === 7) throw 'seven'; });
			globalThis.report = reason => tell(reason);`,
		behind: 'tell([download.most, mostWait <= 100]);',
		expected: ['seven', [8, true]],
	},

	'Two services in a row': {
		before: `
			const mailed = [];
			globalThis.ids = range(100);
			globalThis.getUser = most(async id => { if (id % 10 === 3) throw new Error('gone'); return 'user ' + id; });
			globalThis.sendMail = most(async user => { mailed.push(user); });`,
		behind: 'tell([mailed.length, mailed[3], getUser.most, sendMail.most]);',
		expected: [[90, 'user 4', 20, 2]],
	},
};
