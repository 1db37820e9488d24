// Programs in TypeScript that are run as they are.

import {expectLimits, expectPool, LIMITS_ESM, poolEsm} from '../programs.mjs';

/** The programs are JavaScript, of which the compilers want no types. */
const UNCHECKED = '// @ts-nocheck\n';

const files = filename => ({
	'tsconfig.json': {compilerOptions: {module: 'commonjs', target: 'es2022', esModuleInterop: true}},
	'limits.ts': UNCHECKED + LIMITS_ESM,
	'work.ts': `${UNCHECKED}export default ({a, b}: {a: number; b: number}): number => a + b;\n`,
	'pool.ts': UNCHECKED + poolEsm(`{filename: ${filename}, maxThreads: 1}`),
});

export default [
	{
		group: 'runtime',
		name: 'tsx',
		title: 'tsx',
		how: '',
		packages: {tsx: 'latest'},
		check(place) {
			place.write(files("require('node:path').join(__dirname, 'work.ts')"));
			const uses = expectLimits(place.bin('tsx', ['limits.ts']));
			expectPool(place.bin('tsx', ['pool.ts']));
			return {version: place.versionOf('tsx'), uses};
		},
	},
	{
		group: 'runtime',
		name: 'ts-node',
		title: 'ts-node',
		how: 'for pools: `node -r ts-node/register`, which threads load, too',
		packages: {'ts-node': 'latest', typescript: '5', '@types/node': '20'},
		check(place) {
			place.write(files("require('node:path').join(__dirname, 'work.ts')"));
			const uses = expectLimits(place.bin('ts-node', ['limits.ts']));
			expectPool(place.runNode(['-r', 'ts-node/register', 'pool.ts']));
			return {version: place.versionOf('ts-node'), uses};
		},
	},
];
