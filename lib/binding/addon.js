'use strict';

// Loads the native addon, and says what is wrong if it does not load.

const {readdirSync} = require('node:fs');
const path = require('node:path');
const process = require('node:process');
const {createErrorClass} = require('../common/errors.js');
const {findFolder} = require('../common/place.js');
const {libc} = require('../common/system.js');

/** The native addon could not be loaded. `cause` is what Node or the system said first. */
const NoBinaryError = createErrorClass('ERR_NO_BINARY', 'NoBinaryError');

/** Where a build leaves its binary: the folder of the package. */
const FOLDER = findFolder() ?? '.';

/** A path of an addon to load instead, for tests of other builds. */
const GIVEN = process.env.P_LANES_BINARY;

const {platform, arch} = process;

/** The endings of the names of binaries that may run here: on Linux there is one for each C library. */
const variants = {linux: ['-gnu', '-musl'], win32: ['-msvc']}[platform] ?? [''];

const candidates = GIVEN
	? [GIVEN]
	: variants.map(variant => path.join(FOLDER, `p-lanes.${platform}-${arch}${variant}.node`));

const present = () => {
	try {
		return readdirSync(FOLDER).filter(name => name.endsWith('.node'));
	} catch {
		return [];
	}
};

const isMissing = error => error.code === 'MODULE_NOT_FOUND';

/** What the user can do about a failure. */
const adviceOn = ({code, message}) => {
	if (code === 'MODULE_NOT_FOUND' && GIVEN) {
		return 'The variable P_LANES_BINARY names another file than that of the package. Unset it, or give the path of an addon.';
	}

	if (code === 'ERR_DLOPEN_DISABLED' || code === 'ERR_ACCESS_DENIED') {
		return process.permission === undefined
			? 'Node was told not to load addons. Run it without --no-addons, also in NODE_OPTIONS and in the `execArgv` of workers.'
			: "Node's permission model does not let this process load addons. Run it with --allow-addons, and with --allow-fs-read for this package.";
	}

	if (code === 'MODULE_NOT_FOUND') {
		const others = present();
		const found = others.length === 0 ? 'There is no binary at all' : `There is only ${others.join(', ')}`;
		return `${found}. In a checkout run \`npm run build\`, which needs Rust; an install with --ignore-scripts does not build it.`;
	}

	if (/GLIBC_|libc\.so/.test(message)) {
		return 'The C library of this system is older than the binary needs, or is not the one that the binary was built for. Build it here: `npm run build` in a checkout, which needs Rust.';
	}

	return 'The binary does not fit this system or is damaged. Install the package again for this platform, or build it: `npm run build` in a checkout.';
};

const noBinary = failures => {
	const [file, cause] = failures.find(([, error]) => !isMissing(error)) ?? failures[0];
	const reason = isMissing(cause) ? `There is no ${file}` : cause.message.split('\n', 1)[0];
	const system = [`${platform}-${arch}`, libc()].filter(part => part !== undefined).join(', ');
	return new NoBinaryError(
		[
			`the native addon of p-lanes could not be loaded on ${system}, Node ${process.versions.node}`,
			`looked for: ${failures.map(([name]) => name).join(', ')}`,
			`why: ${reason}`,
			`what to do: ${adviceOn(cause)}`,
		].join('\n'),
		{cause},
	);
};

const load = () => {
	const failures = [];
	for (const file of candidates) {
		try {
			return require(file);
		} catch (error) {
			failures.push([file, error]);
		}
	}

	throw noBinary(failures);
};

module.exports = load();
