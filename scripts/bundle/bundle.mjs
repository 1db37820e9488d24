// All bundles. Each has a file here that exports what builds it.

import {mkdirSync, rmSync} from 'node:fs';
import {buildNode} from './node.mjs';
import {outdir} from './sources.mjs';
import {buildWeb} from './web.mjs';

const builds = [buildNode, buildWeb];

export const bundle = async () => {
	rmSync(outdir, {recursive: true, force: true});
	mkdirSync(outdir);
	await Promise.all(builds.map(build => build()));
};
