'use strict';

// The examples of the documents, run as they stand there: each in a process of its own, between stand-ins for what it
// leaves to its reader and a few lines that tell what has come of it.

const assert = require('node:assert/strict');
const {execFile} = require('node:child_process');
const {mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} = require('node:fs');
const {tmpdir} = require('node:os');
const path = require('node:path');
const {after, describe, test} = require('node:test');
const {promisify} = require('node:util');

const root = path.dirname(__dirname);

/** A folder that has the package installed. */
const folder = mkdtempSync(path.join(tmpdir(), 'p-lanes-recipes-'));
mkdirSync(path.join(folder, 'node_modules'));
symlinkSync(root, path.join(folder, 'node_modules', 'p-lanes'), 'junction');
after(() => rmSync(folder, {recursive: true}));

/** By the heading that they stand under: the js blocks of a document. */
const blocksOf = document => {
	const blocks = new Map();
	let heading;
	let block;
	for (const line of readFileSync(path.join(root, document), 'utf8').split('\n')) {
		if (block !== undefined) {
			if (line === '```') {
				assert.ok(!blocks.has(heading), `${document} has one js block under '${heading}'`);
				blocks.set(heading, block.join('\n'));
				block = undefined;
			} else {
				block.push(line);
			}
		} else if (line === '```js') {
			block = [];
		} else if (/^#+ /.test(line)) {
			heading = line.replace(/^#+ /, '');
		}
	}

	return blocks;
};

/** What all stand-ins may use. `most` counts how many of its calls run at a time. */
const TOOLS = `
	import {createServer as serve} from 'node:http';
	import {setImmediate as tick} from 'node:timers/promises';
	import p from 'p-lanes';

	const range = length => Array.from({length}, (_, index) => index);
	const tell = what => console.log(JSON.stringify(what));
	const most = fn => {
		let running = 0;
		const counted = async (...args) => {
			counted.most = Math.max(counted.most, ++running);
			try {
				await tick();
				return await fn(...args);
			} finally {
				running--;
			}
		};
		counted.most = 0;
		return counted;
	};
	const originOf = answer => new Promise(resolve => {
		// A connection that is kept would keep the process, too.
		const server = serve((request, response) => answer(request, response.setHeader('connection', 'close'))).listen(0, '127.0.0.1', () => {
			server.unref();
			resolve('http://127.0.0.1:' + server.address().port);
		});
	});
	globalThis.limit = p(8);
`;

/** Runs a block as a module, and gives what it has printed, line by line. */
const run = async (block, {before = '', behind = '', files = {}}) => {
	const own = mkdtempSync(path.join(folder, 'recipe-'));
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(path.dirname(path.join(own, name)), {recursive: true});
		writeFileSync(path.join(own, name), text);
	}

	// In files of their own, as what a module imports is there before its first line runs.
	writeFileSync(path.join(own, 'recipe.mjs'), `${TOOLS}\n${before}\n${block}\n${behind}`);
	const {stdout, stderr} = await promisify(execFile)(process.execPath, ['recipe.mjs'], {cwd: own, timeout: 60_000});
	assert.equal(stderr, '');
	return stdout.trim().split('\n');
};

const LINES = 300;

/** Folders in folders, deeper than there are slots, with a file in each. */
const nestedFiles = Object.fromEntries(
	Array.from({length: 12}, (_, depth) => [`tree/${'deeper/'.repeat(depth)}file`, '']),
);

const documents = {
	'docs/recipes.md': {
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
				globalThis.ask = async prompt => ({text: prompt + '!', usage: {totalTokens: 5_000}});
				const began = performance.now();`,
			behind: `
				const {available} = tokens.stats().rate;
				const came = (performance.now() - began) * 1.5;
				tell([texts, 5_000 <= available, available <= 5_000 + came, requests.stats().online.granted]);`,
			expected: [[['a!', 'b!', 'c!'], true, true, 3]],
		},

		'Out of order': {
			before: `
				let release;
				const first = new Promise(resolve => { release = resolve; });
				globalThis.items = [1, 2, 3];
				globalThis.work = async x => { if (x === 1) await first; if (x === 3) release(); return x; };`,
			expected: [2, 3, 1],
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
			expected: [...Array.from({length: LINES}, (_, line) => `checked /${line}`), 7],
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
			expected: [[500, ['seven'], 3, 100]],
		},

		'Graceful shutdown': {
			before: `
				globalThis.limit = p(1);
				globalThis.server = {close: () => tell('closed')};
				const forEver = setInterval(() => {}, 60_000);`,
			behind: `
				let end;
				limit(() => new Promise(resolve => { end = resolve; })).then(() => tell('ended'));
				limit(() => tell('never')).catch(({code}) => { tell(code); end(); });
				await tick();
				process.kill(process.pid, 'SIGTERM');`,
			expected: ['closed', 'ERR_LIMIT_CLOSED', 'ended'],
		},
	},

	'docs/from-others.md': {
		'p-queue': {
			before: `
				globalThis.urls = range(300);
				const downloaded = [];
				globalThis.download = most(async url => { downloaded.push(url); if (url === 7) throw 'seven'; return 'page'; });
				globalThis.report = reason => tell(reason);`,
			edit: block => block.replace('limit: 8', 'limit: 1e6'),
			behind: 'tell([page, downloaded.length, download.most]);',
			expected: ['seven', ['page', 301, 3]],
		},

		bottleneck: {
			before: `
				globalThis.paths = ['/a', '/b', '/c'];
				globalThis.request = async (host, path) => { tick(); return host + path; };
				const began = performance.now();`,
			behind: `
				const took = performance.now() - began;
				tell([answers, took >= 490, hosts.size, hosts.total.stats().online.granted]);`,
			expected: [[['example.com/a', 'example.com/b', 'example.com/c'], true, 1, 3]],
		},

		'p-map': {
			before: `
				globalThis.names = ['a', 'bb', 'ccc'];
				globalThis.sizeOf = async name => name.length;`,
			behind: 'tell([sizes, outcomes[2].value]);',
			expected: [1, 2, 3, [[1, 2, 3], 3]],
		},

		'p-throttle': {
			before: `
				globalThis.paths = range(4);
				globalThis.request = async path => path * 2;
				const began = performance.now();`,
			behind: 'tell([answers, performance.now() - began >= 140]);',
			expected: [[[0, 2, 4, 6], true]],
		},
	},

	'docs/flow.md': {
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

		'Sources: `stream` and `transform`': {
			before: `
				let ahead = 0;
				let mostAhead = 0;
				const stored = [];
				globalThis.urls = range(100);
				globalThis.download = most(async url => { mostAhead = Math.max(mostAhead, ++ahead); return url; });
				globalThis.store = async page => { await tick(); ahead--; stored.push(page); };`,
			behind: 'tell([stored.length, stored[99], download.most, mostAhead <= 8 + 4 + 1]);',
			expected: [[100, 99, 7, true]],
		},
	},

	'docs/shared.md': {
		'One limit for the whole process': {
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
	},

	'docs/rate.md': {
		'Starts per time': {
			before: `
				const began = performance.now();
				globalThis.paths = range(20);
				globalThis.request = async path => path;`,
			behind: 'tell([answers.length, performance.now() - began >= 190]);',
			expected(lines) {
				assert.deepEqual(JSON.parse(lines.at(-1)), [20, true]);
				assert.match(lines.join(' '), /limit: 100,\s+interval: 1000,\s+burst: 1\s+\} \{\s+count: \d+,/);
			},
		},

		'A limit for each key': {
			before: `
				globalThis.urls = ['https://a.example/1', 'https://a.example/2', 'https://b.example/1'];
				globalThis.download = async url => url.at(-1);`,
			behind: 'tell(pages);',
			expected: [2, 3, ['1', '2', '1']],
			edit: block => block.replace('console.log(', 'tell(').replace(', limits.total', '); tell(limits.total'),
		},
	},

	'docs/adaptive.md': {
		'In JS': {
			before: `
				globalThis.origin = await originOf(({url}, response) => {
					response.writeHead(url.endsWith('=3') ? 503 : 200).end(JSON.stringify({url}));
				});
				globalThis.queries = range(10);`,
			behind: `
				const {reductions} = search.stats().adaptive;
				tell([results.filter(({status}) => status === 'rejected').length, results[9].value, reductions > 0]);`,
			expected(lines) {
				assert.deepEqual(JSON.parse(lines.at(-1)), [1, {url: '/search?q=9'}, true]);
			},
		},
	},

	'README.md': {
		'One limit for the whole process': {
			before: 'globalThis.query = async sql => [sql];',
			behind: 'tell([rows, db.concurrency, db === p({name: "db"}), p({name: "db"}).stats().online.granted]);',
			expected: [[['select 1'], 10, false, 1]],
		},

		'Rate and adaptive concurrency': {
			before: `
				globalThis.ids = range(3);
				globalThis.getUser = async id => 'user ' + id;
				globalThis.download = async url => url;`,
			behind: 'tell([users, page, hosts.size]);',
			expected(lines) {
				assert.deepEqual(JSON.parse(lines.at(-1)), [['user 0', 'user 1', 'user 2'], 'https://example.com/', 1]);
			},
		},

		'The lanes': {
			files: {a: 'a', b: 'bb', c: 'ccc', 'package.json': '{}', 'folder/d': ''},
			// Any port that is free.
			edit: block => block.replace('8080', '0'),
			expected: lines => {
				assert.match(lines.join(' '), /^\[\s*1,\s*2,\s*3,\s*2,\s*\d+\s*\] \{.*count: 5,/);
			},
		},

		'The pool': {
			files: {
				'worker.mjs': 'export default task => task * 2;',
				one: 'one',
			},
			before: `
				globalThis.images = [1, 2, 3];
				globalThis.request = 21;
				globalThis.paths = ['one'];
				globalThis.data = 'data'.repeat(1000);`,
			behind: `
				import {decompress} from 'p-lanes';
				const again = await decompress('zstd', small);
				tell([await thumbnails, answer, digests[0].length, again.toString() === data]);`,
			expected: [[[2, 4, 6], 42, 64, true]],
		},
	},
};

for (const [document, recipes] of Object.entries(documents)) {
	describe(document, () => {
		const blocks = blocksOf(document);

		test('each js block has its test, and each test its block', () => {
			assert.deepEqual([...blocks.keys()].sort(), Object.keys(recipes).sort());
		});

		for (const [heading, {edit = block => block, expected, ...given}] of Object.entries(recipes)) {
			test(heading, async () => {
				const lines = await run(edit(blocks.get(heading)), given);
				if (typeof expected === 'function') {
					expected(lines);
				} else {
					const values = lines.map(line => (/^[["{\d]/.test(line) ? JSON.parse(line) : line));
					assert.deepEqual(values, expected);
				}
			});
		}
	});
}
