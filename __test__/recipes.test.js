'use strict';

// The examples of the documents, run as they stand there, between stand-ins for what an example leaves to its reader and a
// few lines that print what has come of it.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {blocksOf, run} = require('./example.js');

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
	},

	'docs/observability.md': {
		'A look': {
			expected(lines) {
				assert.match(lines.join(' '), /^Limit \{ +concurrency: 8, +active: \{ online: 0, offline: 0 \}/);
			},
		},

		'Numbers now': {
			behind: 'tell([concurrency, online.refused, offline.retries, online.wait.count]);',
			expected: [[8, 0, 0, 0]],
		},

		'Numbers of an interval': {
			before: 'await limit(() => tick());',
			edit: block =>
				block
					.replace('60_000).unref()', '5)')
					.replace('console.log', 'clearTimeout(timer); console.log')
					.replace('setInterval', 'const timer = setInterval'),
			behind: 'await limit(() => tick());',
			expected([line]) {
				assert.match(line, /^[\d.]+ calls a second, p99 of the wait [\d.]+ ms$/);
			},
		},

		'Snapshots that are kept': {
			before: 'globalThis.files = range(5); globalThis.upload = async () => {};',
			behind: 'tell([offline.settled, online.settled, online.run.count]);',
			expected: [[0, 5, 5]],
		},

		Histograms: {
			before: 'await limit.map(range(5), () => tick());',
			behind: 'tell([run.count, run.buckets.reduce((sum, {count}) => sum + count, 0)]);',
			expected: [[5, 5]],
		},

		'A Prometheus histogram': {
			before: 'await limit.map(range(5), () => tick());',
			behind: 'tell([cumulative.length, cumulative.at(-1)]);',
			expected: [[9, {le: 10, value: 5}]],
		},

		'Messages of each call': {
			before: `globalThis.log = {warn: ({lane, label, reason, error}) => tell([lane, label, reason, error.message])};`,
			behind: `
				await limit(() => 1);
				await limit.offline(async function mail() { throw new Error('no'); }).catch(() => {});`,
			expected: [['offline', 'mail', 'rejected', 'no']],
		},

		'The call, and its span': {
			before: `
				import {AsyncLocalStorage} from 'node:async_hooks';
				globalThis.storage = new AsyncLocalStorage();
				globalThis.tracer = {startSpan: label => ({label, end: () => tell('end of ' + label)})};`,
			behind: `
				await limit(async function load() { await tick(); tell('in ' + storage.getStore().label); });`,
			expected: ['in load', 'end of load'],
		},

		Progress: {
			before: 'globalThis.files = range(20); globalThis.upload = async () => tick();',
			expected(lines) {
				assert.match(lines.at(-1), /^20 of 20, 0 failed, [\d.]+ a second, 0 s left$/);
			},
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

		'Unknown options': {
			expected: ['ERR_INVALID_ARG `retry.retry` is not an option; did you mean `retries`?'],
		},

		'Two limits at once: `chain`': {
			before: 'globalThis.hourly = p(8); globalThis.perSecond = p(2);',
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
				globalThis.limit = p(2);
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
				globalThis.limit = p(2);
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
				import pLimit from 'p-lanes';
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
	},

	'docs/nested.md': {
		'1. Limit the step, not the task': {
			before: `
				globalThis.needs = {app: ['ui', 'core'], ui: ['core'], core: []};
				globalThis.compile = most(async () => {});`,
			behind: "await build('app'); tell([compile.most <= 8, limit.activeCount]);",
			expected: [[true, 0]],
		},

		"2. `nested: 'lend'`": {
			before: `
				const seen = [];
				globalThis.linksOf = most(async url => { seen.push(url); return url.length < 26 ? [url + 'a', url + 'b'] : []; });`,
			behind: 'tell([seen.length, linksOf.most, limit.activeCount]);',
			expected: [[127, 4, 0]],
		},

		'Calls that another task has made': {
			before: `
				const built = [];
				globalThis.needs = {app: ['ui', 'core', 'api'], ui: ['core'], api: ['core', 'ui'], core: []};
				globalThis.run = most(async target => { built.push(target); });`,
			behind: "limit.concurrency = 1; await build('app'); tell([...built, run.most]);",
			expected: [['core', 'ui', 'api', 'app', 1]],
		},

		"3. `nested: 'detect'`": {
			behind: 'limit.concurrency = 1; tell([await limit(() => limit(() => 1)).catch(({code}) => code)]);',
			expected: [['ERR_DEADLOCK']],
		},

		'The warning': {
			behind: `
				process.exitCode = 0;
				process.on('exit', () => { console.log(process.exitCode); process.exitCode = 0; });
				process.listeners('warning').at(-1)({code: 'P_LANES_STUCK'});`,
			expected: [1],
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
				const {overloads} = search.stats().adaptive;
				tell([results.filter(({status}) => status === 'rejected').length, results[9].value, overloads]);`,
			expected(lines) {
				assert.deepEqual(JSON.parse(lines.at(-1)), [1, {url: '/search?q=9'}, 1]);
			},
		},
	},

	'docs/live-view.md': {
		'A web page': {
			files: {'worker.mjs': 'export default task => task * 2;'},
			edit: block => block.replace('9464', '0'),
			behind: `
				const response = await fetch(url);
				tell([response.status, await response.text().then(text => text.includes('<title>p-lanes</title>'))]);
				const events = await fetch(url + 'events');
				const reader = events.body.pipeThrough(new TextDecoderStream()).getReader();
				const {value} = await reader.read();
				await reader.cancel();
				tell(JSON.parse(value.slice('data: '.length)).blocks.map(({kind, name, slots}) => [kind, name, slots]));`,
			expected(lines) {
				assert.match(lines[0], /^http:\/\/127\.0\.0\.1:\d+\/$/);
				assert.deepEqual(JSON.parse(lines[1]), [200, true]);
				const blocks = JSON.parse(lines[2]);
				assert.deepEqual(blocks.slice(0, 2), [
					['limit', 'api', 8],
					['limit', 'db', 20],
				]);
				assert.deepEqual(blocks[2].slice(0, 2), ['pool', 'cpu']);
			},
		},

		'A terminal': {
			before: `
				globalThis.urls = range(20);
				globalThis.download = async url => { await tick(); return url; };`,
			behind: 'tell(api.stats().offline.settled);',
			expected(lines) {
				assert.match(lines[0], /^\d\d:\d\d:\d\d api slots=0\/8 /);
				assert.equal(lines.at(-1), '20');
			},
		},

		OpenTelemetry: {
			before: `
				import {createRequire} from 'node:module';
				const fromPackage = createRequire(${JSON.stringify(__filename)});
				const {context, trace} = fromPackage('@opentelemetry/api');
				const {AsyncLocalStorageContextManager} = fromPackage('@opentelemetry/context-async-hooks');
				const {BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor} = fromPackage('@opentelemetry/sdk-trace-base');
				const exporter = new InMemorySpanExporter();
				context.setGlobalContextManager(new AsyncLocalStorageContextManager());
				trace.setGlobalTracerProvider(new BasicTracerProvider({spanProcessors: [new SimpleSpanProcessor(exporter)]}));
				globalThis.url = 'https://example.com/7';
				globalThis.fetch = async url => {
					trace.getTracer('fetch').startSpan('GET ' + url).end();
					return {json: () => ({url})};
				};`,
			behind: `
				const spans = exporter.getFinishedSpans();
				const [get, own] = ['GET ' + url, 'getUser'].map(name => spans.find(span => span.name === name));
				tell([user, get.parentSpanContext.spanId === own.spanContext().spanId, own.attributes['p_lanes.outcome']]);`,
			expected: [[{url: 'https://example.com/7'}, true, 'fulfilled']],
		},

		Prometheus: {
			files: {
				'node_modules/prom-client/package.json': JSON.stringify({main: 'index.js'}),
				'node_modules/prom-client/index.js': `module.exports = require(${JSON.stringify(require.resolve('prom-client'))});`,
			},
			// Any port that is free.
			edit: block => `${block.replace(/^createServer/m, 'const server = createServer').replace('9090', '0')}`,
			behind: `
				await hosts('example.com')(() => api(() => 1));
				if (!server.listening) await new Promise(resolve => server.once('listening', resolve));
				const response = await fetch('http://127.0.0.1:' + server.address().port, {headers: {connection: 'close'}});
				const text = await response.text();
				tell(text.split('\\n').filter(line => /^p_lanes_calls_started_total.*online/.test(line)));
				server.close();`,
			expected: [
				[
					'p_lanes_calls_started_total{limit="api",lane="online"} 1',
					'p_lanes_calls_started_total{limit="all",lane="online"} 1',
					'p_lanes_calls_started_total{limit="hosts",key="example.com",lane="online"} 1',
				],
			],
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
