// What a reader must know of the place where the figures were taken.

import {readFileSync} from 'node:fs';
import {availableParallelism, cpus, loadavg} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The version of a peer's package, or of this one. */
export const versionOf = peer => {
	const folder = peer === 'p-lanes' ? root : path.join(root, 'node_modules', peer);
	return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).version;
};

export const describeMachine = () => ({
	node: process.versions.node,
	cpu: cpus()[0]?.model ?? 'unknown processor',
	cores: availableParallelism(),
	load: loadavg()[0],
});
