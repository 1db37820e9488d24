// Builds a target twice, from two folders and with two homes of cargo, and compares the binaries.
//
//     node scripts/cross/reproduce.mjs [--quick] linux-x64-gnu

import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {buildTarget} from './build.mjs';
import {asked, root} from './targets.mjs';

const [, , ...args] = process.argv;
const quick = args.includes('--quick');
const names = asked(args.filter(arg => arg !== '--quick'));
const own = mkdtempSync(path.join(os.tmpdir(), 'p-lanes-reproduce-'));
const cargoHome = process.env.CARGO_HOME ?? path.join(os.homedir(), '.cargo');

/** A copy of what git knows of the checkout. */
const copyTo = folder => {
	for (const file of execFileSync('git', ['ls-files', '-z'], {cwd: root, encoding: 'utf8'})
		.split('\0')
		.filter(Boolean)) {
		cpSync(path.join(root, file), path.join(folder, file));
	}

	return folder;
};

/** Another home of cargo, with the same in it. */
const homeAt = folder => {
	mkdirSync(folder);
	for (const name of readdirSync(cargoHome)) {
		symlinkSync(path.join(cargoHome, name), path.join(folder, name));
	}

	return folder;
};

const build = (name, place) => {
	const from = copyTo(path.join(own, name, place));
	const CARGO_HOME = homeAt(path.join(own, name, `home of ${place}`));
	const built = buildTarget(name, {
		quick,
		from,
		into: path.join(own, name, `target-${place}`),
		variables: {CARGO_HOME},
	});
	return createHash('sha256').update(readFileSync(built)).digest('hex');
};

try {
	const same = names.map(name => {
		const hashes = ['one', 'another'].map(place => build(name, place));
		console.log(
			`${name}: ${hashes[0] === hashes[1] ? `the same bytes, ${hashes[0]}` : `differs: ${hashes.join(', ')}`}`,
		);
		return hashes[0] === hashes[1];
	});
	process.exitCode = same.every(Boolean) ? 0 : 1;
} finally {
	rmSync(own, {recursive: true, force: true});
}
