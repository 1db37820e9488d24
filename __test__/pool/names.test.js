'use strict';

// `name` is that of an export: what every object and every function has is none.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {failure, fixture, open} = require('./helpers.js');

const data = source => `data:text/javascript,${encodeURIComponent(source)}`;

/** What objects, functions of all kinds, and promises have without being told. */
const inherited = [
	...new Set(
		[
			{},
			() => {},
			async () => {},
			function* () {},
			Promise.resolve(),
			[],
			class {},
			Object.prototype,
			Function.prototype,
			Promise.prototype,
			Array.prototype,
		].flatMap(value => Object.getOwnPropertyNames(value)),
	),
];

describe('what everything has is no export', () => {
	assert.ok(
		['__proto__', 'caller', 'arguments', 'prototype', 'name', 'apply', 'then'].every(n => inherited.includes(n)),
	);

	for (const [what, source, exports] of [
		['of an arrow function', 'module.exports = task => task', "'default'"],
		['of a function in sloppy mode', 'module.exports = function (task) { return task; }', "'default'"],
		['of a function in strict mode', "'use strict'; module.exports = function (task) { return task; }", "'default'"],
		['of an async function', 'module.exports = async task => task', "'default'"],
		['of a generator function', 'module.exports = function* () {}', "'default'"],
		['of a class', 'module.exports = class A {}', "'default'"],
		['of an object', 'module.exports = {a: () => 1}', "'default', 'a'"],
		[
			'of an object without prototype',
			'module.exports = Object.assign(Object.create(null), {a: () => 1})',
			"'default', 'a'",
		],
		['of an instance', 'class A { a() {} } module.exports = new A()', "'default'"],
		['of an array', 'module.exports = []', "'default'"],
		['of a promise', 'module.exports = Promise.resolve()', "'default'"],
	]) {
		test(what, async t => {
			const body = `import {createRequire} from 'node:module';
				const module = {exports: {}};
				(function (module, exports) { ${source} })(module, module.exports);
				export default module.exports;`
				// As a module is strict, a function is sloppy if it is made from text.
				.replace(
					/\(function \(module, exports\) \{(.*)\}\)/s,
					(_, inner) => `new Function('module', 'exports', ${JSON.stringify(inner)})`,
				);
			const pool = open(t, {filename: data(body)});
			for (const name of inherited) {
				const error = await failure(pool.run(1, {name}));
				assert.equal(error.code, 'ERR_INVALID_ARG', `${name}: ${error.stack}`);
				assert.match(error.message, /^`name` must be an exported function: there is no '/);
				assert.ok(error.message.endsWith(`; it exports ${exports}`), error.message);
			}
		});
	}

	test('as the name of a pool, a map and a stream', async t => {
		const expected = {
			code: 'ERR_INVALID_ARG',
			message: /^`name` must be an exported function: there is no '__proto__'/,
		};
		const pool = open(t, {name: '__proto__'});
		await assert.rejects(pool.run(1), expected);
		await assert.rejects(open(t).map([1], {name: '__proto__'}), expected);
		await assert.rejects(async () => {
			for await (const _ of open(t).stream([1], {name: '__proto__'})) {
				// none comes
			}
		}, expected);
	});
});

describe('a module may export such a name', () => {
	test('an ES module', async t => {
		const names = [
			'__proto__',
			'caller',
			'arguments',
			'prototype',
			'constructor',
			'toString',
			'apply',
			'length',
			'then2',
		];
		const source = names
			.map((name, index) => `const f${index} = () => '${name}'; export {f${index} as ${name}};`)
			.join('\n');
		const pool = open(t, {filename: data(source)});
		for (const name of names) {
			assert.equal(await pool.run(1, {name}), name);
		}
	});

	test('a CommonJS module, a class and an instance', async t => {
		const pool = open(t, {filename: fixture('odd-exports.js')});
		for (const name of ['constructor', '__proto__', 'toString', 'apply', 'method', 'inherited', 'lazy']) {
			assert.equal(await pool.run(1, {name}), name);
		}

		await assert.rejects(pool.run(1, {name: 'valueOf'}), {code: 'ERR_INVALID_ARG'});
	});
});
