'use strict';

// Why no addon was loaded, and what the user can do about it: in less than ten lines.

const {readdirSync} = require('node:fs');
const process = require('node:process');
const {findFolder, resolveInstalled, version} = require('../common/place.js');
const {libc, readVariable} = require('../common/system.js');
const {requireHere} = require('./places.js');
const {namesFor, packageOf, targets} = require('./targets.js');

const isMissing = ({code}) => code === 'MODULE_NOT_FOUND';

/** Whether the process is a single executable application: its modules are in the program. */
const isSingleExecutable = () => {
	try {
		return requireHere('node:sea').isSea();
	} catch {
		return false; // a Node without them
	}
};

/** The targets whose packages are installed. */
const installed = () =>
	targets.filter(({name}) => {
		try {
			resolveInstalled(`${packageOf(name)}/package.json`);
			return true;
		} catch {
			return false;
		}
	});

/** The files of addons in a checkout; nothing in an installed package. */
const filesOfCheckout = () => {
	try {
		const files = readdirSync(findFolder());
		return files.includes('Cargo.toml') ? files.filter(file => file.endsWith('.node')) : undefined;
	} catch {
		return undefined;
	}
};

/** The newest version of glibc that a message asks for. */
const neededGlibc = message => {
	const versions = [...message.matchAll(/GLIBC_(\d+)\.(\d+)/g)].map(([, major, minor]) => [+major, +minor]);
	return versions
		.sort(([a, b], [c, d]) => a - c || b - d)
		.at(-1)
		?.join('.');
};

const RUN_THERE = 'Install on the system that the program runs on, or on a like one';

/** What the loader of the system says, and what is to do then. The first that fits counts. */
const refusals = [
	{
		fits: ({code}) => code === 'VERSION_MISMATCH',
		advice: () =>
			readVariable('P_LANES_BINARY')
				? 'The variable P_LANES_BINARY names an addon of another version. Unset it, or give that of this version.'
				: 'Install p-lanes again, so that both come from one version. A lock file or an `overrides` that names one of them is the usual reason.',
	},
	{
		fits: ({name, message}) => process.versions.deno !== undefined && /--allow-ffi|ffi access/.test(name + message),
		advice: () =>
			'Deno does not let this program load addons. Run it with --allow-ffi, and with --allow-read and --allow-env for this package.',
	},
	{
		fits: ({code}) =>
			(code === 'ERR_DLOPEN_DISABLED' || code === 'ERR_ACCESS_DENIED') && process.permission !== undefined,
		advice: () =>
			"Node's permission model does not let this process load addons. Run it with --allow-addons, and with --allow-fs-read for this package.",
	},
	{
		fits: ({code}) => code === 'ERR_DLOPEN_DISABLED',
		advice: () =>
			'Node was told not to load addons. Run it without --no-addons, also in NODE_OPTIONS and in the `execArgv` of workers.',
	},
	{
		fits: ({message}) => neededGlibc(message) !== undefined,
		advice: ({message}) =>
			`The C library of this system is older than the binary needs: it needs glibc ${neededGlibc(message)}, and this is ${libc()}. Use a newer system, or build it here: \`npm run build\` in a checkout, which needs Rust.`,
	},
	{
		fits: ({message}) => /libc\.musl|ld-musl/.test(message),
		advice: () => `The binary is for musl, and this system has ${libc()}. ${RUN_THERE}.`,
	},
	{
		fits: ({message}) => /ld-linux|libc\.so\.6|Error relocating/.test(message),
		advice: () =>
			`The binary is for glibc, and this system has ${libc()}. ${RUN_THERE}, for example in the image that it is deployed in.`,
	},
	{
		fits: ({message}) => /incompatible architecture|wrong architecture|wrong ELF class|not a valid Win32/.test(message),
		advice: () =>
			`The binary is for another processor, and Node runs for ${process.arch} here: by Rosetta or an emulator, perhaps. Install again with this Node.`,
	},
];

const adviceOn = error =>
	refusals.find(({fits}) => fits(error))?.advice(error) ??
	'The binary does not fit this system or is damaged. Install the package again for this platform, or build it: `npm run build` in a checkout.';

/** Why there is no package for this system, where those of other systems are installed. */
const explainOthers = others => {
	const here = others.filter(({os, cpu}) => os === process.platform && cpu === process.arch);
	const ofSystem = others.filter(({os}) => os === process.platform);
	if (here.length > 0) {
		return `The installed binary is for another C library, and this system has ${libc()}. ${RUN_THERE}, for example in the image that it is deployed in.`;
	}

	if (ofSystem.length > 0) {
		return `The installed binary is for ${ofSystem.map(({cpu}) => cpu).join(', ')}, and Node runs for ${process.arch} here: by Rosetta or an emulator, perhaps. Install again with this Node.`;
	}

	return `node_modules came from another system. ${RUN_THERE}.`;
};

/** What is to do if no place has a binary, and why there is none. */
const explainMissing = failures => {
	const given = readVariable('P_LANES_BINARY');
	const [{error: cause}] = failures;
	if (given) {
		return {
			why: `There is no ${given}`,
			advice:
				'The variable P_LANES_BINARY names another file than that of the package. Unset it, or give the path of an addon.',
			cause,
		};
	}

	const files = filesOfCheckout();
	if (files !== undefined) {
		const found = files.length === 0 ? 'There is no binary at all' : `There is only ${files.join(', ')}`;
		return {
			why: cause.message,
			advice: `${found}. In a checkout run \`npm run build\`, which needs Rust; an install with --ignore-scripts does not build it.`,
			cause,
		};
	}

	const last = failures.at(-1).error;
	const names = namesFor({platform: process.platform, arch: process.arch});
	const supported = targets.filter(({name}) => names.includes(name));
	if (supported.length === 0) {
		return {
			why: `p-lanes has no binary for ${process.platform}-${process.arch}`,
			advice:
				'Use a platform that has one. WebAssembly serves limits where there is none; what needs threads is not there.',
			cause: last,
		};
	}

	const [wanted] = failures.map(({name}) => name).filter(name => name.startsWith('@'));
	const why = `${wanted} is not installed`;
	if (isSingleExecutable()) {
		return {
			why,
			advice: `A single executable application has no packages in it. Put node_modules/${wanted} beside the executable, or give the path of the binary by P_LANES_BINARY.`,
			cause: last,
		};
	}

	if (findFolder() === undefined) {
		return {
			why,
			advice: `p-lanes was bundled, and a bundle has no binary in it. Keep p-lanes out of the bundle (\`external\`), or put node_modules/${wanted} beside it.`,
			cause: last,
		};
	}

	const others = installed();
	if (others.length > 0) {
		return {
			why: `${why}, but ${others.map(({name}) => packageOf(name)).join(', ')} is`,
			advice: explainOthers(others),
			cause: last,
		};
	}

	return {
		why,
		advice: [
			'Install with optional dependencies: without --omit=optional, --no-optional and `omit` in .npmrc.',
			'If they were not left out, the lock file was made on another platform (npm/cli#4828): remove it and node_modules, and install again.',
			`Or install it by name: npm install ${wanted}@${version}`,
		].join('\n'),
		cause: last,
	};
};

/** The error of a place is what the runtime has thrown. */
const explainRefused = ({error}) => ({
	why: error.message.split('\n', 1)[0],
	advice: adviceOn(error),
	cause: error,
});

/** Returns the message and the cause for all places that were tried. */
const explain = failures => {
	const refused = failures.find(({error}) => !isMissing(error));
	const {why, advice, cause} = refused === undefined ? explainMissing(failures) : explainRefused(refused);
	// In an installed package nobody looks for a file beside package.json.
	const places = failures.map(({name}) => name);
	const inPackages = places.filter(name => name.startsWith('@'));
	const looked = inPackages.length > 0 && filesOfCheckout() === undefined ? inPackages : places;
	const system = [`${process.platform}-${process.arch}`, libc()].filter(part => part !== undefined).join(', ');
	return {
		message: [
			`the native addon of p-lanes could not be loaded on ${system}, Node ${process.versions.node}`,
			`looked for: ${looked.join(', ')}`,
			`why: ${why}`,
			`what to do: ${advice}`,
		].join('\n'),
		cause,
	};
};

module.exports = {explain};
