// One sample: one scenario with one peer, in a process of its own, so that no peer ever meets the heap,
// the garbage or the inline caches of another. The child's half and its parent's.

import {execFile} from 'node:child_process';
import {promisify} from 'node:util';

const CHILD_TIMEOUT = 120_000;
const MAX_OUTPUT = 64 * 1024 * 1024;

const execute = promisify(execFile);

/** In the child: takes the sample that the command line asks for and writes its metrics as JSON. */
export const writeSample = async ({peers, scenarios}) => {
	const {scenario, peer, size} = JSON.parse(process.argv[2]);
	const library = await peers[peer].load();
	const metrics = await scenarios[scenario].run(peers[peer], library, size);
	process.stdout.write(JSON.stringify(metrics), () => {
		// A pool would keep the process, and not every pool can be closed reliably.
		process.exit();
	});
};

/** In the parent: the metrics of a sample, taken by this child, and its `timeline` if the scenario gives one. */
export const takeSample = async (child, commission, env) => {
	const {stdout} = await execute(process.execPath, ['--expose-gc', child, JSON.stringify(commission)], {
		timeout: CHILD_TIMEOUT,
		maxBuffer: MAX_OUTPUT,
		env: {...process.env, ...env},
	});
	const {timeline, ...metrics} = JSON.parse(stdout);
	if (!Object.values(metrics).every(value => Number.isFinite(value))) {
		throw new TypeError(`no number in ${stdout}`);
	}

	return {metrics, timeline};
};
