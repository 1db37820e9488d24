'use strict';

// Hashes by `node:crypto` and `node:zlib`. Those of whole items run on the threads of Node.

const {Buffer} = require('node:buffer');
const {createHash, webcrypto} = require('node:crypto');
const {constants} = require('node:fs');
const {open, stat} = require('node:fs/promises');
const zlib = require('node:zlib');

/** Bytes of a file to read at a time. */
const BUFFER_SIZE = 256 * 1024;

const uint32 = value => {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(value);
	return bytes;
};

const sha = (length, name, webName) => ({
	length,
	digest: async data => Buffer.from(await webcrypto.subtle.digest(webName, data)),
	createHash: () => createHash(name),
});

class Crc32 {
	#value = 0;

	update(data) {
		this.#value = zlib.crc32(data, this.#value);
	}

	digest() {
		return uint32(this.#value);
	}
}

const algorithms = {
	sha1: sha(20, 'sha1', 'SHA-1'),
	sha256: sha(32, 'sha256', 'SHA-256'),
	sha512: sha(64, 'sha512', 'SHA-512'),
	crc32: {length: 4, digest: async data => uint32(zlib.crc32(data)), createHash: () => new Crc32()},
};

/** Returns `{length, digest(data), createHash()}`; undefined if Node does not have the algorithm. */
const algorithmOf = name => (name === 'crc32' && zlib.crc32 === undefined ? undefined : algorithms[name]);

/** Throws for what may block or never end. Reading a directory gives the system's own error. */
const refuseSpecial = stats => {
	if (!stats.isFile() && !stats.isDirectory()) {
		throw Object.assign(new Error('not a regular file'), {code: 'ERR_NOT_A_REGULAR_FILE'});
	}
};

/** Opens a file that is a regular one, without ever waiting for a writer of a pipe. */
const openRegular = async path => {
	refuseSpecial(await stat(path)); // before it is opened, since to open a device may do something
	const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0));
	try {
		refuseSpecial(await file.stat()); // another file may have its name by now
		return file;
	} catch (error) {
		await file.close();
		throw error;
	}
};

/** Hashes the content of a file, as long as `isWanted()`. */
const hashFile = async ({createHash}, path, isWanted) => {
	const file = await openRegular(path);
	try {
		const hash = createHash();
		const buffer = Buffer.allocUnsafe(BUFFER_SIZE);
		let length = 1;
		while (length > 0 && isWanted()) {
			({bytesRead: length} = await file.read(buffer, 0, BUFFER_SIZE));
			hash.update(buffer.subarray(0, length));
		}

		return hash.digest();
	} finally {
		await file.close();
	}
};

module.exports = {algorithmOf, hashFile};
