// npm packages that only tests of installs need: they are installed when they are first asked for.

import path from 'node:path';
import {npmTool} from '../npm-tools.mjs';
import {root} from './facts.mjs';

/** A dependency of verdaccio is asked for by a tag, `cjs`, that copies of the registry need not have. It is this version. */
const OVERRIDES = {'node-fetch': '2.7.0'};

/** The lines of versions that work. */
const VERSIONS = {
	verdaccio: '6',
	pnpm: '12',
	'@yarnpkg/cli-dist': '4',
	bun: '1',
};

/** Returns the folder of a tool. */
export const folderOfTool = name =>
	npmTool(path.join(root, 'build/tools', name.replaceAll(/\W+/g, '-')), name, VERSIONS[name], OVERRIDES);
