// Builds the release addon, unless one that was built from these very sources loads already, and lets `dist/` load the
// sources.
//
// Run by `npm install` in a checkout. `--force` builds in any case.

import {execFileSync, spawnSync} from 'node:child_process';
import {createRequire} from 'node:module';
import path from 'node:path';
import process from 'node:process';
import {buildEnvironment} from './build-environment.mjs';
import {writeFaces} from './bundle/faces.mjs';
import {fingerprint, root} from './fingerprint.mjs';

const require = createRequire(import.meta.url);

const fail = message => {
	console.error(`p-lanes: ${message}`);
	process.exit(1);
};

/** What the binary that is there was built from; in a process of its own, so that it can be replaced. */
const built = () =>
	spawnSync(process.execPath, ['-p', 'require("./lib/binding/addon.js").loadAddon().addon.FINGERPRINT'], {
		cwd: root,
		encoding: 'utf8',
	}).stdout.trim();

const hasCargo = () => spawnSync('cargo', ['--version'], {stdio: 'ignore'}).status === 0;

const build = () => {
	if (!hasCargo()) {
		fail(
			'building the addon needs Rust 1.88 or later, and there is no `cargo` on the PATH. Install it from https://rustup.rs and run `npm install` again.',
		);
	}

	let cli;
	try {
		cli = path.join(path.dirname(require.resolve('@napi-rs/cli/package.json')), 'dist/cli.js');
	} catch {
		fail('building the addon needs the development dependencies. Run `npm install` without --omit=dev.');
	}

	const kind = ['--platform', '--release', '--features', 'node'];
	execFileSync(process.execPath, [cli, 'build', ...kind, '--no-js', '--dts', 'binding.d.ts'], {
		cwd: root,
		stdio: 'inherit',
		env: buildEnvironment(),
	});
};

writeFaces();

const wanted = fingerprint();
if (process.argv.includes('--force') || built() !== wanted) {
	build();
	if (built() !== wanted) {
		fail(
			'the addon was built but does not load. `node -p \'require("./lib/binding/addon.js").loadAddon()\'` tells why.',
		);
	}
}
