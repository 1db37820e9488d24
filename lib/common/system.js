'use strict';

// The system that the process runs on.

const {Buffer} = require('node:buffer');
const {closeSync, openSync, readSync} = require('node:fs');
const process = require('node:process');

/** The program names its dynamic linker near its beginning. */
const HEAD = 4096;

const readHead = file => {
	const head = Buffer.alloc(HEAD);
	const opened = openSync(file, 'r');
	try {
		return head.toString('latin1', 0, readSync(opened, head, 0, HEAD, 0));
	} finally {
		closeSync(opened);
	}
};

/**
 * Returns the report of the process; one without anything where the process may not have it, as in Deno. It takes some
 * milliseconds, and would look up the names of network addresses as well.
 */
const report = () => {
	try {
		const {excludeNetwork} = process.report;
		process.report.excludeNetwork = true;
		try {
			return process.report.getReport();
		} finally {
			process.report.excludeNetwork = excludeNetwork;
		}
	} catch {
		return {header: {}};
	}
};

/** Returns a variable of the environment; nothing where the process may not read it, as in Deno. */
const readVariable = name => {
	try {
		return process.env[name];
	} catch {
		return undefined;
	}
};

/**
 * Which C library this process uses: `gnu` or `musl`; nothing outside of Linux, or if it can't be told. The program's own
 * dynamic linker says it. What is installed on the system says less: Alpine can have glibc beside musl.
 */
const libcFamily = () => {
	if (process.platform !== 'linux') {
		return undefined;
	}

	try {
		const [, linker] = /\/ld-(musl|linux)[-\w]*\.so/.exec(readHead(process.execPath)) ?? [];
		if (linker !== undefined) {
			return linker === 'musl' ? 'musl' : 'gnu';
		}
	} catch {
		// the process may not read its program
	}

	const {header, sharedObjects} = report();
	if (header.glibcVersionRuntime !== undefined) {
		return 'gnu';
	}

	return sharedObjects?.some(file => /\bmusl\b/.test(file)) ? 'musl' : undefined;
};

/** The C library of this process, `glibc 2.36`, or `musl`. Nothing outside of Linux. */
const libc = () => {
	if (process.platform !== 'linux') {
		return undefined;
	}

	const {glibcVersionRuntime} = report().header;
	if (glibcVersionRuntime !== undefined) {
		return `glibc ${glibcVersionRuntime}`;
	}

	return {gnu: 'glibc', musl: 'musl'}[libcFamily()] ?? 'an unknown C library';
};

module.exports = {libc, libcFamily, readVariable};
