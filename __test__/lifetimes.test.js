'use strict';

// What a copy of the package leaves behind when nobody uses it any more: Jest loads one for each test file.

const assert = require('node:assert/strict');
const {execFileSync} = require('node:child_process');
const {mkdtempSync, rmSync, writeFileSync} = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const process = require('node:process');
const {after, describe, test} = require('node:test');

const root = path.dirname(__dirname);

const folder = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-'));
let scripts = 0;

after(() => {
	rmSync(folder, {recursive: true});
});

/** Runs a script in a process that can collect garbage, and returns what it prints. A file: Node keeps what `-e` loads. */
const run = script => {
	const file = path.join(folder, `${scripts++}.js`);
	writeFileSync(file, script);
	return execFileSync(process.execPath, ['--expose-gc', '--no-concurrent-recompilation', file], {
		encoding: 'utf8',
		env: {...process.env, P_LANES_ROOT: root},
		timeout: 240_000,
	}).trim();
};

/** In a script: collects until nothing changes, and what finalizers do is done, too. */
const SETTLE = `
	const root = process.env.P_LANES_ROOT;
	const {setTimeout: sleep} = require('node:timers/promises');
	const settle = async () => {
		for (let round = 0; round < 10; round++) {
			global.gc();
			await sleep(5);
		}
	};
`;

/** In a script: loads a fresh copy of the shim, as behind a cleared \`require.cache\`. */
const FRESH = `
	const fresh = () => {
		for (const file of Object.keys(require.cache)) {
			if (file.startsWith(root) && !file.endsWith('.node')) {
				delete require.cache[file];
			}
		}

		module.children.length = 0;
		return require(root);
	};
`;

const uses = {
	'a plain limit': `await copy(2)(() => {});`,
	'a named limit': `await copy({name: 'n' + round, concurrency: 2})(() => {});`,
	'a limit with a rate': `await copy({concurrency: 2, rate: {limit: 1000, interval: 1}})(() => {});`,
	'a timeout': `await copy(2).with({timeout: 50})(() => {});`,
	'a kernel': `await copy.hash('crc32', 'abc');`,
	'a keyed limit': `await copy.keyed({concurrency: 1, idleTimeout: 10})('key')(() => {});`,
	'a keyed limit that keeps its keys for an hour': `await copy.keyed({concurrency: 1, idleTimeout: 3_600_000})('key')(() => {});`,
	'a keyed limit with a key that is never idle': `copy.keyed({concurrency: 1, idleTimeout: 10})('key').pause();`,
	'a pool that was closed': `const pool = new copy.Pool({filename: 'data:text/javascript,export default x => x', maxThreads: 1}); await pool.run(1); await pool.close();`,
	'a pool that was never used': `new copy.Pool({filename: 'data:text/javascript,export default x => x', maxThreads: 1});`,
};

describe('a copy that was used once and is unreachable', () => {
	for (const [name, use] of Object.entries(uses)) {
		test(`is collected: ${name}`, () => {
			const printed = run(`
				${SETTLE} ${FRESH}
				const COPIES = 10;
				const ofNode = new Set(Object.getOwnPropertyNames(globalThis).map(name => globalThis[name]));
				for (const part of Object.values(require('node:timers')).concat(Object.values(process))) {
					ofNode.add(part);
				}

				// Node has one channel of a name in a process: all copies share it.
				const {Channel} = require('node:diagnostics_channel');
				const isOwn = part => Object(part) === part && !ofNode.has(part) && !(part instanceof Channel);

				const refs = [];
				const use = async round => {
					const copy = fresh();
					${use}
					// The addon keeps the first module that has loaded it, as its parent.
					if (round > 0) {
						for (const file of Object.keys(require.cache).filter(name => name.startsWith(root) && name.endsWith('.js'))) {
							const {exports} = require.cache[file];
							const parts = Object.entries({exports, ...exports}).filter(([, part]) => isOwn(part));
							// What the addon and Node export is not the copy's own.
							if (!file.endsWith('binding.js')) {
								refs.push(...parts.map(([name, part]) => ({name: file.slice(root.length) + ' ' + name, ref: new WeakRef(part)})));
							}
						}
					}
				};
				(async () => {
					for (let round = 0; round <= COPIES; round++) {
						await use(round);
					}

					fresh();
					await sleep(1200); // timers that are kept for a moment
					await settle();
					const own = ({ref}) => ref.deref() !== undefined;
					const left = new Set(refs.filter(own).map(({name}) => name));
					console.log(refs.length, JSON.stringify([...left]));
				})();
			`);
			const [, loaded, left] = /^(\d+) (.*)$/.exec(printed);
			assert.ok(Number(loaded) > 100);
			assert.deepEqual(JSON.parse(left), []);
		});
	}
});

test('a key that is dropped when it is idle loads no file: another copy would have it then', () => {
	const printed = run(`
		${SETTLE} ${FRESH}
		const keyed = require(root).keyed({concurrency: 1, idleTimeout: 10});
		(async () => {
			await keyed('key')(() => {});
			fresh();
			const loaded = new Set(Object.keys(require.cache));
			while (keyed.size > 0) {
				await sleep(5);
			}

			console.log(JSON.stringify(Object.keys(require.cache).filter(file => !loaded.has(file))));
		})();
	`);
	assert.equal(printed, '[]');
});

describe('what is kept', () => {
	for (const [name, make, use] of [
		[
			'a pool',
			`new copy.Pool({filename: 'data:text/javascript,export default x => x', maxThreads: 1})`,
			`kept.run('ok')`,
		],
		['a kernel', `copy.hash`, `kept('crc32', 'abc').then(() => 'ok')`],
		[
			'a limit with a rate',
			`copy({concurrency: 2, rate: {limit: 2, interval: 20}})`,
			`kept.map([1, 2, 3, 4], () => 'ok').then(all => all[3])`,
		],
	]) {
		test(`still hears after collections, before and after its first use: ${name}`, () => {
			const printed = run(`
				${SETTLE}
				const copy = require(root);
				const kept = ${make};
				(async () => {
					const said = [];
					for (let round = 0; round < 3; round++) {
						await settle();
						said.push(await ${use});
					}

					console.log(said.join());
					process.exit();
				})();
			`);
			assert.equal(printed, 'ok,ok,ok');
		});
	}
});

describe('a copy that is kept when `require.cache` is cleared, as by `jest.resetModules()`', () => {
	for (const [name, use] of Object.entries({
		'`onIdle`': `await limit.onIdle(); limit.pendingCount`,
		'`ready`': `await limit.ready(); limit.pendingCount`,
		'`drain`': `(await limit.drain()).online.active`,
		'`once`': `await limit.once('key', () => 0)`,
		'a stream': `(await limit.stream([0], number => number).next()).value`,
		'a timeout': `await limit.with({timeout: 60_000})(() => 0)`,
		'a retry': `
			let failures = 1;
			const fail = () => { if (failures > 0) { failures--; throw new Error('once'); } return 0; };
			await limit.with({retry: {retries: 1, minTimeout: 1}})(fail)`,
		'`nested`': `
			const nested = copy({concurrency: 1, nested: 'lend'});
			await nested(() => nested(() => nested.pendingCount))`,
		'a rate': `
			const rated = copy({concurrency: 1, rate: {limit: 1, interval: 1}});
			await rated(() => rated.pendingCount)`,
		'a name': `
			const named = copy({concurrency: 1, name: 'name'});
			await named(() => named.pendingCount)`,
	})) {
		test(`loads nothing later that counts for gates of another one: ${name}`, () => {
			const uses = use.trim().split(/;\s*(?=[^;]*$)/);
			const last = uses.pop();
			const printed = run(`
				${SETTLE} ${FRESH}
				const copy = require(root);
				const others = [copy(1), copy(1), copy(1)];
				const limit = copy(1);
				fresh();
				(async () => {
					${uses.map(part => `${part};`).join('')}
					console.log(${last});
					process.exit();
				})();
			`);
			assert.equal(printed, '0');
		});
	}
});

describe('the memory of leases, where Rust writes', () => {
	for (const call of ['dropGate', 'port']) {
		test(`is kept as long as something of its copy can call: ${call}`, () => {
			const printed = run(`
				${SETTLE} ${FRESH}
				const refs = [];
				let kept;
				const use = async round => {
					const copy = fresh();
					await copy(2)(() => {});
					const native = require(root + '/lib/gate/native.js');
					refs.push(new WeakRef(native.leases[0].buffer));
					if (round === 2) {
						kept = native.${call};
					}
				};
				(async () => {
					for (let round = 0; round < 5; round++) {
						await use(round);
					}

					await settle();
					console.log(refs.slice(1, 4).map(ref => ref.deref() === undefined ? "gone" : "kept").join());
				})();
			`);
			assert.equal(printed, 'gone,kept,gone');
		});
	}
});

describe('a pool that is dropped', () => {
	for (const [name, use] of [
		['never used', `new Pool(options);`],
		['used and closed', `const pool = new Pool(options); await pool.run(1); await pool.close();`],
	]) {
		test(`leaves nothing: ${name}`, () => {
			const printed = run(`
				${SETTLE}
				const {Pool} = require(root);
				const options = {filename: 'data:text/javascript,export default x => x', maxThreads: 1};
				const refs = [];
				const use = async () => {
					${use.replace('new Pool(options)', 'refs[refs.push(new WeakRef(new Pool(options))) - 1].deref()')}
				};
				(async () => {
					for (let round = 0; round < 20; round++) {
						await use();
					}

					await settle();
					console.log(refs.filter(ref => ref.deref() !== undefined).length);
				})();
			`);
			assert.ok(Number(printed) <= 1, `${printed} of 20 are left`);
		});
	}
});
