// Builds the site of the documents into site/dist, or serves it while they are written.
//
//     npm run docs                          # builds, and checks all links
//     npm run docs -- --dev                 # serves the documents, and shows changes at once
//     npm run docs -- --preview             # serves what was built
//     npm run docs -- --base /p-lanes/      # for a site that is not at the root of its host
//     npm run docs -- --no-rust             # without the API in Rust, which needs cargo

import {execFileSync} from 'node:child_process';
import {cpSync, existsSync, rmSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {checkLinks} from './links.mjs';
import {isInstalled, root, site} from './places.mjs';

const {values} = parseArgs({
	options: {
		dev: {type: 'boolean', default: false},
		preview: {type: 'boolean', default: false},
		base: {type: 'string', default: process.env.SITE_BASE ?? '/'},
		'no-rust': {type: 'boolean', default: false},
	},
});
const base = `/${values.base}/`.replaceAll(/\/+/g, '/');
const rust = path.join(site, 'rust');

const run = (command, args, options) => execFileSync(command, args, {cwd: site, stdio: 'inherit', ...options});

const vitepress = (...args) =>
	run(process.execPath, [path.join(site, 'node_modules/vitepress/bin/vitepress.js'), ...args], {
		env: {...process.env, SITE_BASE: base},
	});

const buildRust = () => {
	run('cargo', ['doc', '--quiet', '--locked', '--no-deps', '--no-default-features'], {cwd: root});
	rmSync(rust, {recursive: true, force: true});
	cpSync(path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, 'target'), 'doc'), rust, {recursive: true});
};

if (!isInstalled()) {
	run('npm', ['ci', '--no-audit', '--no-fund'], {shell: process.platform === 'win32'});
}

if (values.preview) {
	vitepress('preview', '--base', base);
} else {
	const {buildApi} = await import('./api.mjs');
	await buildApi();
	if (values.dev) {
		vitepress('dev', '--base', base);
	} else {
		vitepress('build', '--base', base);
		if (values['no-rust']) {
			rmSync(rust, {recursive: true, force: true});
		} else {
			buildRust();
			cpSync(rust, path.join(site, 'dist/rust'), {recursive: true});
		}

		const faults = checkLinks(path.join(site, 'dist'), {base, without: existsSync(rust) ? [] : ['rust/']});
		for (const fault of faults) {
			console.error(fault);
		}

		process.exitCode = faults.length > 0 ? 1 : 0;
	}
}
