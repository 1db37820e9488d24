// All bundles. Each has a file here that exports what builds it.

import {mkdirSync, rmSync} from 'node:fs';
import {buildNode} from './node.mjs';
import {outdir} from './sources.mjs';
import {buildWeb} from './web.mjs';

const builds = [buildNode, buildWeb];

/** Writes the bundles into a folder, in place of what is there. */
export const bundle = async (folder = outdir) => {
	rmSync(folder, {recursive: true, force: true});
	mkdirSync(folder, {recursive: true});
	await Promise.all(builds.map(build => build(folder)));
};
