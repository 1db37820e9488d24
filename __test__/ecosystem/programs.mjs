// The programs that rows run. Each prints one line of JSON, which `expectLimits` and `expectPool` check.

import assert from 'node:assert/strict';

const LIMITS_BODY = `
const run = async () => {
	const limit = pLimit({concurrency: 2, reserve: 1});
	let running = 0;
	let most = 0;
	const order = [];
	const work = name => async () => {
		running++;
		most = Math.max(most, running);
		await Promise.resolve();
		order.push(name);
		running--;
		return name;
	};
	const calls = [
		limit(work('a')),
		limit.offline(work('b')),
		limit.offline(work('c')),
		limit.online(work('d')),
	];
	const values = await Promise.all(calls);
	const mapped = await limit.map([1, 2, 3], async item => item * 2);
	const streamed = [];
	for await (const item of limit.stream([1, 2, 3], async value => value + 1)) {
		streamed.push(item);
	}

	const rated = pLimit({concurrency: 1, rate: {limit: 1000, interval: 1000}});
	const started = [];
	await Promise.all([1, 2, 3].map(item => rated(() => started.push(item))));

	let attempts = 0;
	const retried = await pLimit(1).with({retry: {retries: 2, minTimeout: 1}})(async () => {
		attempts++;
		if (attempts < 3) {
			throw new Error('again');
		}

		return attempts;
	});
	const code = await pLimit(1).with({timeout: 5})(() => new Promise(() => {})).catch(error => error.code);
	const {online} = limit.stats();
	// Only the addon has this kernel.
	const uses = await pLimit.hash('blake3', '').then(
		() => 'addon',
		error => (error.code === 'ERR_NO_BINARY' ? 'WebAssembly' : String(error)),
	);
	return {uses, values, most, mapped, streamed, started, retried, code, granted: online.granted > 0, offlineOverlapped: order.indexOf('b') > order.indexOf('c')};
};
const report = result => {
	console.log('P_LANES ' + JSON.stringify(result));
};
`;
const RUN = `
run().then(report, error => {
	report({error: String(error && error.stack)});
});
`;

/** Limits, lanes, streams, rates, retries and timeouts. */
export const LIMITS_ESM = `import pLimit from 'p-lanes';\n${LIMITS_BODY}${RUN}`;
export const LIMITS_CJS = `const pLimit = require('p-lanes');\n${LIMITS_BODY}${RUN}`;
/** The same, for a worker that answers requests: it exports `lines()`, which resolves to what the others print. */
export const LIMITS_LINES = `import pLimit from 'p-lanes';\n${LIMITS_BODY}
export const lines = async () => 'P_LANES ' + JSON.stringify(await run());
`;

/** A pool that runs a module and a function, and a kernel. */
const poolBody = options => `
const run = async () => {
	const pool = new Pool(${options});
	try {
		const value = await pool.run({a: 20, b: 22});
		return {value, hash: await hash('sha256', 'abc', {encoding: 'hex'})};
	} finally {
		await pool.destroy();
	}
};
const report = result => {
	console.log('P_LANES ' + JSON.stringify(result));
};
run().then(report, error => {
	report({error: String(error && error.stack), code: error && error.code});
});
`;

/** The module whose function the pool runs. */
export const WORK = 'module.exports = ({a, b}) => a + b;\n';

export const poolEsm = options => `import {Pool, hash} from 'p-lanes';\n${poolBody(options)}`;
export const poolCjs = options => `const {Pool, hash} = require('p-lanes');\n${poolBody(options)}`;

const resultOf = output => {
	const line = output.split('\n').find(text => text.includes('P_LANES '));
	assert.ok(line, `the program printed no result:\n${output}`);
	return JSON.parse(line.slice(line.indexOf('P_LANES ') + 'P_LANES '.length));
};

/** Checks the output of a program of limits, and returns what it runs on: `'addon'` or `'WebAssembly'`. */
export const expectLimits = output => {
	const {uses, ...result} = resultOf(output);
	assert.deepEqual(result, {
		values: ['a', 'b', 'c', 'd'],
		most: 2,
		mapped: [2, 4, 6],
		streamed: [2, 3, 4],
		started: [1, 2, 3],
		retried: 3,
		code: 'ERR_TASK_TIMEOUT',
		granted: true,
		offlineOverlapped: false,
	});
	assert.ok(['addon', 'WebAssembly'].includes(uses), uses);
	return uses;
};

export const expectPool = output => {
	assert.deepEqual(resultOf(output), {
		value: 42,
		hash: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
	});
};
