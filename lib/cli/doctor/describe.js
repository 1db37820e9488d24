'use strict';

// What the package was loaded from, and the system that it runs on.

const {readFileSync, statSync} = require('node:fs');
const {availableParallelism, cpus, release, totalmem} = require('node:os');
const process = require('node:process');
const {findFolder, version} = require('../../common/place.js');
const {libc} = require('../../common/system.js');

/** The features for which the kernels and their libraries have code of their own, as Linux calls them. */
const FEATURES = {
	x64: ['sse4_1', 'sse4_2', 'pclmulqdq', 'avx2', 'bmi2', 'sha_ni', 'avx512f', 'avx512vl'],
	arm64: ['asimd', 'crc32', 'pmull', 'sha1', 'sha2', 'sha512'],
};

/** Returns the features that the processor has, and those that it lacks; nothing where the system does not say. */
const readFeatures = () => {
	const known = FEATURES[process.arch];
	try {
		const [, flags] = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'));
		const present = new Set(flags.trim().split(/\s+/));
		return {present: known.filter(name => present.has(name)), missing: known.filter(name => !present.has(name))};
	} catch {
		return undefined;
	}
};

/** Returns what was loaded: the addon and its file, or WebAssembly and why it is not the addon; or why nothing was. */
const describeBinary = () => {
	try {
		const {kind, file, cause, FINGERPRINT} = require('../../binding/binding.js');
		return {
			kind,
			file,
			bytes: file && statSync(file).size,
			fingerprint: FINGERPRINT,
			isGiven: Boolean(process.env.P_LANES_BINARY),
			whyNotAddon: cause?.message,
		};
	} catch (error) {
		return {error: error.message};
	}
};

const describe = () => ({
	version,
	folder: findFolder(),
	binary: describeBinary(),
	node: {
		version: process.versions.node,
		v8: process.versions.v8,
		executable: process.execPath,
		options: [...process.execArgv, process.env.NODE_OPTIONS].filter(Boolean).join(' '),
	},
	system: {platform: process.platform, arch: process.arch, release: release(), libc: libc()},
	processor: {
		model: cpus()[0]?.model ?? 'unknown',
		cores: cpus().length,
		coresForThisProcess: availableParallelism(),
		features: readFeatures(),
	},
	libuvThreads: Number(process.env.UV_THREADPOOL_SIZE) || 4,
	memory: {system: totalmem(), limit: process.constrainedMemory?.()},
});

module.exports = {describe};
