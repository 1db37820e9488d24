// Next.js, with Turbopack and with webpack: route handlers whose answers are made while it builds, and a client component.

import {refuseWarnings} from '../bundling.mjs';
import {expectLimits, expectPool, LIMITS_ESM, poolEsm, WORK} from '../programs.mjs';

/** A program as a module that exports what runs it. */
const asModule = program => program.replace(/^run\(\)\.then[\s\S]*$/m, 'export default run;\n');

const route = name => `import run from '../${name}.mjs';

export const dynamic = 'force-static';

export const GET = async () => new Response('P_LANES ' + JSON.stringify(await run()));
`;

const FILES = {
	'app/layout.js': 'export default ({children}) => <html><body>{children}</body></html>;\n',
	'app/page.js': "import Client from './client.js';\n\nexport default () => <Client />;\n",
	'app/client.js': `'use client';

import pLimit from 'p-lanes';
import {useEffect, useState} from 'react';

export default () => {
	const [text, setText] = useState('');
	useEffect(() => {
		pLimit(1)(async () => 'done').then(setText);
	}, []);
	return <p>{text}</p>;
};
`,
	'app/limits.mjs': asModule(LIMITS_ESM),
	'app/limits/route.js': route('limits'),
	'work.cjs': WORK,
};

const POOL_FILES = {
	'app/pool.mjs': asModule(poolEsm("{filename: process.cwd() + '/work.cjs', maxThreads: 1}")),
	'app/pool/route.js': route('pool'),
};

/** Builds with a configuration, and returns what a handler answered. */
const build = (place, bundler, config) => {
	place.write({'next.config.mjs': `export default ${JSON.stringify(config)};\n`});
	const env = {NEXT_TELEMETRY_DISABLED: '1', CI: '1'};
	refuseWarnings(place.bin('next', ['build', `--${bundler}`], {env, withErrors: true}));
	return name => place.read(`${config.distDir}/server/app/${name}.body`);
};

export default ['turbopack', 'webpack'].map(bundler => ({
	group: 'bundler',
	name: `next-${bundler}`,
	title: `Next.js, ${bundler === 'webpack' ? bundler : 'Turbopack'}`,
	how: "for pools: `serverExternalPackages: ['p-lanes']`",
	packages: {next: 'latest', react: 'latest', 'react-dom': 'latest'},
	check(place) {
		place.write(FILES);
		const uses = expectLimits(build(place, bundler, {distDir: 'bundled'})('limits'));
		place.write(POOL_FILES);
		const external = build(place, bundler, {distDir: 'external', serverExternalPackages: ['p-lanes']});
		expectLimits(external('limits'));
		expectPool(external('pool'));
		return {version: place.versionOf('next'), uses};
	},
}));
