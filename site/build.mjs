// Builds the site of the documents into site/dist, or serves it while they are written.
//
//     npm run docs                          # builds, and checks all links
//     npm run docs -- --dev                 # serves the documents, and shows changes at once
//     npm run docs -- --preview             # serves what was built
//     npm run docs -- --base /p-lanes/      # for a site that is not at the root of its host; or SITE_BASE
//     npm run docs -- --no-rust             # without the API in Rust, which needs cargo

import {execFileSync} from 'node:child_process';
import {cpSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {copyDocuments, watchDocuments} from './documents.mjs';
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
const dist = path.join(site, 'dist');

const run = (command, args, cwd) =>
	execFileSync(command, args, {cwd, stdio: 'inherit', shell: process.platform === 'win32'});

const preparePages = async () => {
	copyDocuments();
	const {buildApi} = await import('./api.mjs');
	await buildApi();
};

const addRust = () => {
	run('cargo', ['doc', '--quiet', '--locked', '--no-deps', '--features', 'kernels,tokio,tower'], root);
	const target = process.env.CARGO_TARGET_DIR ?? path.join(root, 'target');
	cpSync(path.join(target, 'doc'), path.join(dist, 'rust'), {recursive: true});
};

if (!isInstalled()) {
	run('npm', ['ci', '--no-audit', '--no-fund'], site);
}

const {build, createServer, serve} = await import('vitepress');

if (values.preview) {
	await serve({root: site, base});
} else if (values.dev) {
	await preparePages();
	const server = await createServer(site, {base});
	watchDocuments(server.watcher);
	await server.listen();
	server.printUrls();
} else {
	await preparePages();
	await build(site, {base});
	if (!values['no-rust']) {
		addRust();
	}

	const faults = checkLinks(dist, {base, without: values['no-rust'] ? ['rust/'] : []});
	for (const fault of faults) {
		console.error(fault);
	}

	process.exitCode = faults.length > 0 ? 1 : 0;
}
