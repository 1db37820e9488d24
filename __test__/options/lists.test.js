'use strict';

// The lists of known names in `lib/` are those of the types: an option that is added to one of them only is found here.

const assert = require('node:assert/strict');
const {execFileSync} = require('node:child_process');
const {mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} = require('node:fs');
const {tmpdir} = require('node:os');
const path = require('node:path');
const process = require('node:process');
const {describe, test} = require('node:test');
const {OptionNames} = require('../../lib/common/option-names.js');

const root = path.join(__dirname, '../..');
const lib = path.join(root, 'lib');

const parameter = (method, place) => `NonNullable<Parameters<${method}>[${place}]>`;

/** By room and list: the type that the list is of, and names that it has beyond those. */
const types = {
	'kernels: compressNames': ['pLimit.CompressOptions'],
	'kernels: configureNames': [parameter('typeof pLimit.configure', 0)],
	'kernels: decompressNames': ['pLimit.DecompressOptions'],
	'kernels: hashNames': ['pLimit.HashOptions'],
	'limit: chainNames': ['pLimit.ChainOptions'],
	'limit: clearNames': ['pLimit.ClearOptions'],
	'limit: drainNames': ['pLimit.DrainOptions'],
	'call: runNames': ['pLimit.CallOptions'],
	'limit: listNames': ['pLimit.CallFilter'],
	'limit: keyedNames': ['pLimit.KeyedOptions', 'name'], // it has a refusal of its own
	'options: adaptiveNames': ['pLimit.AdaptiveOptions'],
	'options: holdNames': ['pLimit.AcquireOptions'],
	'options: limitNames': ['(pLimit.LimitOptions | pLimit.JoinOptions)'],
	'options: mapNames': ['pLimit.LimitMapOptions'],
	'options: maxQueueNames': ["Extract<pLimit.LimitOptions['maxQueue'], object>"],
	'options: rateNames': ['pLimit.RateOptions'],
	'options: reserveNames': ['pLimit.ReserveOptions'],
	'options: retryNames': ['pLimit.RetryOptions'],
	'options: settleNames': [parameter("pLimit.Limit['settle']", 2)],
	'options: streamNames': ['pLimit.LimitStreamOptions'],
	'options: taskNames': ['pLimit.TaskOptions'],
	'pool: closeNames': [parameter("pLimit.Pool['close']", 0)],
	'pool: mapNames': ['pLimit.MapOptions', 'transferList'], // it is refused with a reason
	'pool: poolNames': ['pLimit.PoolOptions'],
	'pool: resourceLimitNames': ["NonNullable<pLimit.PoolOptions['resourceLimits']>"],
	'pool: runNames': ['pLimit.RunOptions'],
	'responses: observeNames': ['pLimit.ObserveOptions'],
	'responses: observeNamesOfCalls': ["Pick<pLimit.ObserveOptions, 'quotas'>"],
	'pool: streamNames': ['pLimit.StreamOptions', 'transferList'], // the same
};

/** Types of options that are read by the lists of others. */
const others = ['FailureOptions', 'ItemOptions', 'KernelOptions', 'ProgressOptions', 'QuotaOptions'];

const findLists = () => {
	const files = readdirSync(lib, {recursive: true, withFileTypes: true})
		.filter(entry => entry.isFile() && entry.name.endsWith('.js'))
		.map(entry => path.join(entry.parentPath ?? entry.path, entry.name))
		.filter(file => readFileSync(file, 'utf8').includes('new OptionNames('));
	return files.flatMap(file => {
		const [room] = path.relative(lib, file).split(path.sep);
		return Object.entries(require(file))
			.filter(([, value]) => value instanceof OptionNames)
			.map(([name, list]) => [`${room}: ${name}`, [...list]]);
	});
};

const lists = findLists();

const compile = lines => {
	const folder = mkdtempSync(path.join(tmpdir(), 'p-lanes-lists-'));
	try {
		const file = path.join(folder, 'lists.cts');
		writeFileSync(file, lines.join('\n'));
		const compilerOptions = {
			module: 'nodenext',
			target: 'es2023',
			strict: true,
			noEmit: true,
			typeRoots: [path.join(root, 'node_modules/@types')],
			types: ['node'],
		};
		writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({compilerOptions, files: [file]}));
		const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
		execFileSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {encoding: 'utf8', stdio: 'pipe'});
		return '';
	} catch (error) {
		return error.stdout || error.message;
	} finally {
		rmSync(folder, {recursive: true});
	}
};

describe('the lists of names', () => {
	test('have a type each', () => {
		assert.deepEqual(lists.map(([name]) => name).sort(), Object.keys(types).sort());
	});

	test('are there for all types of options', () => {
		const text = readFileSync(path.join(root, 'index.d.ts'), 'utf8');
		const interfaces = [...text.matchAll(/^\texport interface (\w+Options)\b/gm)].map(([, name]) => name);
		assert.ok(interfaces.length > 12);
		const covered = Object.values(types).join(' ');
		assert.deepEqual(
			interfaces.filter(name => !(others.includes(name) || new RegExp(`\\b${name}\\b`).test(covered))),
			[],
		);
	});

	test('have the names of their types', () => {
		const check = ([name, list], index) => {
			const [type, ...extra] = types[name];
			const known = list.map(key => `'${key}'`).join(' | ');
			const typed = [`keyof ${type}`, ...extra.map(key => `'${key}'`)].join(' | ');
			return `const list${index}: [Exclude<${typed}, ${known}>, Exclude<${known}, ${typed}>] extends [never, never] ? 'same' : '${name}' = 'same';`;
		};
		const errors = compile([
			`import pLimit = require(${JSON.stringify(path.join(root, 'index.js'))});`,
			...lists.map(check),
		]);
		assert.equal(errors, '');
	});
});
