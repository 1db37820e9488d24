// Runtimes beside Node that have its modules, and Node without addons.

import {expectLimits, expectPool, LIMITS_CJS, LIMITS_ESM, poolEsm, WORK} from '../programs.mjs';

const POOL = poolEsm("{filename: new URL('work.cjs', import.meta.url).href, maxThreads: 1}");

const KERNELS = `
	import pLimit from 'p-lanes';
	const {hash, compress, decompress, Pool} = pLimit;
	const codeOf = async call => {
		try {
			await call();
		} catch ({code}) {
			return code;
		}
	};
	console.log(JSON.stringify([
		await hash('sha256', 'abc', {encoding: 'hex'}),
		(await decompress('gzip', await compress('gzip', 'abc'))).toString(),
		(await decompress('brotli', await compress('brotli', 'abc'))).toString(),
		await codeOf(() => hash('blake3', 'abc')),
		await codeOf(() => new Pool()),
	]));
`;

const KERNELS_OUTPUT = JSON.stringify([
	'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
	'abc',
	'abc',
	'ERR_NO_BINARY',
	'ERR_NO_BINARY',
]);

const PROGRAMS = {
	'limits.mjs': LIMITS_ESM,
	'limits.cjs': LIMITS_CJS,
	'kernels.mjs': KERNELS,
	'work.cjs': WORK,
	'pool.mjs': POOL,
};

const expect = (given, wanted) => {
	if (given !== wanted) {
		throw new Error(`expected ${wanted}, got ${given}`);
	}
};

/** Checks limits, and kernels by the modules of Node, where WebAssembly is used. */
const checkWebAssembly = run => {
	const uses = expectLimits(run('limits.mjs'));
	expect(uses, 'WebAssembly');
	expect(expectLimits(run('limits.cjs')), uses);
	expect(run('kernels.mjs').trim(), KERNELS_OUTPUT);
	return uses;
};

export default [
	{
		group: 'runtime',
		name: 'bun',
		title: 'Bun',
		check(place) {
			place.install({bun: '1'}, {scripts: true});
			place.write(PROGRAMS);
			const uses = checkWebAssembly(file => place.bin('bun', ['run', file]));
			return {version: place.versionOf('bun'), uses, notes: 'no `Pool`, no names over threads, no blake3 and xxh3'};
		},
	},
	{
		group: 'runtime',
		name: 'deno',
		title: 'Deno',
		how: '`--allow-ffi --allow-read --allow-env --allow-sys`',
		check(place) {
			place.install({deno: '2'}, {scripts: true});
			place.write(PROGRAMS);
			const flags = ['--allow-ffi', '--allow-read', '--allow-env', '--allow-sys'];
			const run = file => place.bin('deno', ['run', '--no-prompt', '--node-modules-dir=manual', ...flags, file]);
			const uses = expectLimits(run('limits.mjs'));
			expect(uses, 'addon');
			expectLimits(run('limits.cjs'));
			expectPool(run('pool.mjs'));
			return {version: place.versionOf('deno'), uses};
		},
	},
	{
		group: 'runtime',
		name: 'deno-without-ffi',
		title: 'Deno without `--allow-ffi`',
		check(place) {
			place.install({deno: '2'}, {scripts: true});
			place.write(PROGRAMS);
			const flags = ['--allow-read', '--allow-env', '--allow-sys'];
			const uses = checkWebAssembly(file =>
				place.bin('deno', ['run', '--no-prompt', '--node-modules-dir=manual', ...flags, file]),
			);
			return {version: place.versionOf('deno'), uses};
		},
	},
	{
		group: 'runtime',
		name: 'no-addons',
		title: 'Node without addons: StackBlitz, `--no-addons`',
		nodeLine: '24',
		packages: {},
		check(place) {
			place.write(PROGRAMS);
			const uses = checkWebAssembly(file => place.runNode(['--no-addons', file]));
			return {version: place.runNode(['-p', 'process.versions.node']).trim(), uses};
		},
	},
];
