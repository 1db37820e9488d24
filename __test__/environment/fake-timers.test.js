'use strict';

// Fake timers: a test puts them in the place of Node's and takes them away again. Whatever the package waits for then
// comes, by the fake clock if that goes on, else by Node's. Each script is a process that has to come to its end.

const assert = require('node:assert/strict');
const {spawnSync} = require('node:child_process');
const path = require('node:path');
const process = require('node:process');
const {describe, it} = require('node:test');
const {hasThreads} = require('../threads.js');

/** How timers are replaced: `install()` returns `{pass(duration), uninstall()}`. */
const LIBRARIES = {
	'@sinonjs/fake-timers': `
		const install = () => {
			const clock = require('@sinonjs/fake-timers').install();
			return {pass: duration => clock.tickAsync(duration), uninstall: () => clock.uninstall()};
		};`,
	'@sinonjs/fake-timers, with nextTick and queueMicrotask (as Jest)': `
		const FakeTimers = require('@sinonjs/fake-timers');
		const install = () => {
			const clock = FakeTimers.install({toFake: Object.keys(FakeTimers.timers)});
			return {pass: duration => clock.tickAsync(duration), uninstall: () => clock.uninstall()};
		};`,
	'mock.timers of node:test': `
		const {mock} = require('node:test');
		const {setImmediate: realTurn} = require('node:timers');
		const turn = () => new Promise(resolve => realTurn(resolve));
		const install = () => {
			mock.timers.enable();
			return {
				pass: async duration => { await turn(); await turn(); mock.timers.tick(duration); await turn(); },
				uninstall: () => mock.timers.reset(),
			};
		};`,
	'only setTimeout, by hand, of which nothing ever fires': `
		const install = () => {
			const {setTimeout} = globalThis;
			globalThis.setTimeout = () => 1;
			return {pass: async () => {}, uninstall: () => { globalThis.setTimeout = setTimeout; }};
		};`,
	'a setTimeout that calls at once': `
		const install = () => {
			const {setTimeout} = globalThis;
			globalThis.setTimeout = fn => { fn(); };
			return {pass: async () => {}, uninstall: () => { globalThis.setTimeout = setTimeout; }};
		};`,
	'a setTimeout that throws': `
		const install = () => {
			const {setTimeout, clearTimeout} = globalThis;
			globalThis.setTimeout = () => { throw new Error('no timers here'); };
			globalThis.clearTimeout = globalThis.setTimeout;
			return {pass: async () => {}, uninstall: () => Object.assign(globalThis, {setTimeout, clearTimeout})};
		};`,
};

/** Fakes that a test can move on. */
const MOVED = Object.keys(LIBRARIES).slice(0, 3);

const LOAD = `const pLimit = require('p-lanes');`;

const HELPERS = `
	const never = () => new Promise(() => {});
	const codeOf = promise => promise.then(() => 'resolved', error => error.code);
	const spin = 'data:text/javascript,export default () => new Promise(() => {})';
	const echo = 'data:text/javascript,export default task => task';
`;

/** Runs a script under fake timers. Returns what it has printed as JSON, line by line. */
const run = (library, isLoadedBefore, body) => {
	const script = `
		${isLoadedBefore ? LOAD : ''}
		${LIBRARIES[library]}
		const fakes = install();
		${isLoadedBefore ? '' : LOAD}
		const print = value => require('node:fs').writeSync(1, JSON.stringify(value) + '\\n');
		${HELPERS}
		(async () => { ${body} })();`;
	const {status, signal, stdout, stderr} = spawnSync(process.execPath, ['--no-warnings', '-e', script], {
		cwd: path.join(__dirname, '../..'),
		encoding: 'utf8',
		timeout: 60_000,
	});
	assert.equal(signal, null, `the process has not come to its end; it has printed: ${stdout}`);
	assert.equal(stderr, '');
	assert.equal(status, 0);
	return stdout
		.trim()
		.split('\n')
		.map(line => JSON.parse(line));
};

const TIMES = [
	...['ERR_TASK_TIMEOUT', 'ERR_QUEUE_TIMEOUT', 'retried', 'paused', 'rated'],
	...(hasThreads ? ['ERR_TASK_TIMEOUT', 'pooled'] : []),
];

/** Everything that waits for a time, as promises. Times are short, because some of them pass in real time. */
const waits = `
	const busy = pLimit(1);
	let attempts = 0;
	const paused = pLimit(1);
	paused.pauseFor(20);
	const rated = pLimit({concurrency: 2, rate: {limit: 1, interval: 20}});
	const pool = ${hasThreads} ? new pLimit.Pool({filename: echo, maxThreads: 1, abortGrace: 20}) : undefined;
	const waits = [
		codeOf(busy.with({timeout: 20})(never)),
		codeOf(busy.with({queueTimeout: 20})(never)),
		pLimit(1).with({retry: {retries: 2, minTimeout: 20}})(async () => {
			if (attempts++ < 2) {
				throw new Error('again');
			}

			return 'retried';
		}),
		paused(() => 'paused'),
		(async () => {
			for (let call = 0; call < 3; call++) {
				await rated.ready();
				await rated(() => {});
			}

			return 'rated';
		})(),
		...(pool ? [codeOf(pool.run(1, {filename: spin, timeout: 20})), pool.run('pooled')] : []),
	];
`;

for (const library of Object.keys(LIBRARIES)) {
	describe(library, () => {
		for (const isLoadedBefore of [true, false]) {
			describe(`the package is loaded ${isLoadedBefore ? 'before' : 'under them'}`, () => {
				it('what waits goes on when they are taken away', () => {
					const body = `${waits} await null; fakes.uninstall(); print(await Promise.all(waits)); await pool?.destroy();`;
					assert.deepEqual(run(library, isLoadedBefore, body), [TIMES]);
				});

				it('what waits goes on while they stay and their clock stands still', () => {
					const body = `${waits} print(await Promise.all(waits)); await pool?.close();`;
					assert.deepEqual(run(library, isLoadedBefore, body), [TIMES]);
				});

				it('what begins afterwards waits as ever', () => {
					const body = `
						const kept = pLimit(1);
						await codeOf(kept.with({timeout: 5})(async () => {})); // its timer is kept for the next one
						const early = pLimit(1);
						const timedOut = codeOf(early.with({timeout: 5})(never));
						await fakes.pass(5);
						fakes.uninstall();
						print([await timedOut, await codeOf(early.with({queueTimeout: 5})(never))]);
						print(await codeOf(kept.with({timeout: 5})(never)));
						${waits}
						print(await Promise.all(waits));
						await pool?.close();`;
					assert.deepEqual(run(library, isLoadedBefore, body), [
						['ERR_TASK_TIMEOUT', 'ERR_QUEUE_TIMEOUT'],
						'ERR_TASK_TIMEOUT',
						TIMES,
					]);
				});

				it('the process ends, though keyed limits are kept and rated ones were used', () => {
					const body = `
						const limits = pLimit.keyed({concurrency: 1});
						await limits('key')(async () => {});
						const rated = pLimit({concurrency: 1, rate: {limit: 1, interval: 5}});
						await rated.map([1, 2, 3], () => {});
						${hasThreads} && (await pLimit.hash('crc32', 'data'));
						print(limits.size);`;
					// Of a clock whose timers nobody can let go, or which calls at once, the limits may be gone.
					assert.equal(run(library, isLoadedBefore, body).length, 1);
				});
			});
		}
	});
}

describe('a fake clock that goes on', () => {
	for (const library of MOVED) {
		for (const isLoadedBefore of [true, false]) {
			it(`${library}, the package loaded ${isLoadedBefore ? 'before' : 'under it'}`, () => {
				const body = `
					const HOUR = 3_600_000;
					const limit = pLimit(1);
					const timedOut = codeOf(limit.with({timeout: HOUR})(never));
					const queued = codeOf(limit.with({queueTimeout: HOUR / 2})(never));
					let attempts = 0;
					const retried = pLimit(1).with({retry: {retries: 1, minTimeout: HOUR}})(async () => {
						if (attempts++ === 0) {
							throw new Error('again');
						}

						return attempts;
					});
					await fakes.pass(HOUR / 2);
					const [order, settled] = [[], promise => promise.then(value => { order.push(value); })];
					settled(queued);
					settled(timedOut);
					settled(retried);
					await fakes.pass(0);
					print(order);
					await fakes.pass(HOUR / 2);
					await Promise.all([timedOut, retried]);
					print(order.sort());
					const limits = pLimit.keyed({concurrency: 1, idleTimeout: HOUR});
					limits('key');
					await fakes.pass(HOUR);
					await fakes.pass(HOUR);
					print(limits.size);`;
				assert.deepEqual(run(library, isLoadedBefore, body), [
					['ERR_QUEUE_TIMEOUT'],
					[2, 'ERR_QUEUE_TIMEOUT', 'ERR_TASK_TIMEOUT'],
					0,
				]);
			});
		}
	}
});
