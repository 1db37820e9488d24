// What `dist/` holds in a checkout: for each entry a file that loads the sources. So `p-lanes` is there by its name, in
// specs, documents and examples, and is never older than the sources.

import {chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {outdir, root} from './sources.mjs';

export const writeFaces = () => {
	rmSync(outdir, {recursive: true, force: true});
	mkdirSync(outdir, {recursive: true});
	const write = (name, text) => {
		writeFileSync(path.join(outdir, name), text);
	};
	const face = (name, source) => {
		const isModule = name.endsWith('.mjs');
		write(name, isModule ? `export * from '${source}';\n` : `module.exports = require('${source}');\n`);
	};
	write('index.mjs', "export * from '../index.mjs';\nexport {default} from '../index.mjs';\n");
	face('index.js', '../index.js');
	for (const name of readdirSync(path.join(root, 'entries')).filter(file => /\.m?js$/.test(file))) {
		face(name, `../entries/${name}`);
	}

	face('worker.js', '../lib/pool/worker.js');
	write('bin.js', "#!/usr/bin/env node\nrequire('../lib/cli/main.js');\n");
	chmodSync(path.join(outdir, 'bin.js'), 0o755);
};
