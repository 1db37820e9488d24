// Writes `dist/`, which is what programs get as `p-lanes`.
//
//     node scripts/bundle/run.mjs            # the bundles, as they are published
//     node scripts/bundle/run.mjs --faces    # files that load the sources, for work in a checkout

import {parseArgs} from 'node:util';

const {values} = parseArgs({options: {faces: {type: 'boolean', default: false}}});
if (values.faces) {
	const {writeFaces} = await import('./faces.mjs');
	writeFaces();
} else {
	const {bundle} = await import('./bundle.mjs');
	await bundle();
}
