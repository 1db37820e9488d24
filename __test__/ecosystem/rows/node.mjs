// The lines of Node, by require and by import.

import {LINES} from '../../../scripts/nodes.mjs';
import {expectLimits, expectPool, LIMITS_CJS, LIMITS_ESM, poolCjs, poolEsm, WORK} from '../programs.mjs';

export default LINES.map(line => ({
	group: 'runtime',
	name: `node-${line}`,
	title: `Node ${line}`,
	nodeLine: line,
	packages: {},
	check(place) {
		const options = "{filename: require('path').resolve('work.cjs'), maxThreads: 1}";
		const ofModule = "{filename: new URL('work.cjs', import.meta.url).href, maxThreads: 1}";
		place.write({
			'limits.mjs': LIMITS_ESM,
			'limits.cjs': LIMITS_CJS,
			'work.cjs': WORK,
			'pool.cjs': poolCjs(options),
			'pool.mjs': poolEsm(ofModule),
		});
		const uses = expectLimits(place.runNode(['limits.mjs']));
		expectLimits(place.runNode(['limits.cjs']));
		expectPool(place.runNode(['pool.cjs']));
		expectPool(place.runNode(['pool.mjs']));
		return {version: place.runNode(['-p', 'process.versions.node']).trim(), uses};
	},
}));
