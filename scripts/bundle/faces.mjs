// What `dist/` holds in a checkout: for each entry a file that loads the sources. So `p-lanes` is there by its name, in
// specs, documents and examples, and is never older than the sources.

import {chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {outdir, root} from './sources.mjs';

const face = (name, source) => [
	name,
	name.endsWith('.mjs') ? `export * from '${source}';\n` : `module.exports = require('${source}');\n`,
];

const faces = () => ({
	'index.js': "module.exports = require('../index.js');\n",
	'index.mjs': "export * from '../index.mjs';\nexport {default} from '../index.mjs';\n",
	'worker.js': "module.exports = require('../lib/pool/worker.js');\n",
	'bin.js': "#!/usr/bin/env node\nrequire('../lib/cli/main.js');\n",
	...Object.fromEntries(
		readdirSync(path.join(root, 'entries'))
			.filter(name => /\.m?js$/.test(name))
			.map(name => face(name, `../entries/${name}`)),
	),
});

/** Writes them, and removes what else is there. What loads the package meanwhile finds it. */
export const writeFaces = () => {
	const files = faces();
	mkdirSync(outdir, {recursive: true});
	for (const [name, text] of Object.entries(files)) {
		writeFileSync(path.join(outdir, name), text);
	}

	chmodSync(path.join(outdir, 'bin.js'), 0o755);
	for (const name of readdirSync(outdir).filter(name => !(name in files))) {
		rmSync(path.join(outdir, name));
	}
};
