'use strict';

// Compression by `node:zlib`, on the threads of Node.

const {promisify} = require('node:util');
const zlib = require('node:zlib');

const {constants} = zlib;

/** By format: the names of Node's functions, and the options of a level. */
const formats = {
	gzip: {compress: 'gzip', decompress: 'gunzip', options: level => ({level})},
	brotli: {
		compress: 'brotliCompress',
		decompress: 'brotliDecompress',
		options: level => ({params: {[constants.BROTLI_PARAM_QUALITY]: level}}),
	},
	zstd: {
		compress: 'zstdCompress',
		decompress: 'zstdDecompress',
		options: level => ({params: {[constants.ZSTD_c_compressionLevel]: level}}),
	},
};

const failure = (code, message) => Object.assign(new Error(message), {code});

const invalid = (format, reason) => failure('ERR_INVALID_DATA', `this is no valid ${format} data: ${reason}`);

const tooLarge = limit =>
	failure(
		'ERR_OUTPUT_TOO_LARGE',
		`the data decompresses to more than \`maxOutputLength\` (${limit} bytes); raise it if the data can be trusted`,
	);

/** Returns a function that compresses; undefined if Node does not have the format. */
const compressorOf = (format, level) => {
	const {compress, options} = formats[format];
	if (zlib[compress] === undefined) {
		return undefined;
	}

	const run = promisify(zlib[compress]);
	const given = level === undefined ? {} : options(level);
	return data => run(data, given);
};

/** Whether these bytes may follow the compressed data. Zeros are padding in gzip. */
const mayFollow = (format, bytes) => bytes.every(byte => format === 'gzip' && byte === 0);

/** Whether Node refuses data that is cut off. Bun takes it for whole in zstd. */
const refusesCut = (format, decompress) => {
	if (format !== 'zstd') {
		return true;
	}

	try {
		zlib[`${decompress}Sync`](Uint8Array.of(0x28)); // the first byte of all data in zstd
		return false;
	} catch {
		return true;
	}
};

/** Returns a function that decompresses to at most `limit` bytes; undefined if Node does not have the format. */
const decompressorOf = (format, limit) => {
	const {decompress} = formats[format];
	if (zlib[decompress] === undefined || !refusesCut(format, decompress)) {
		return undefined;
	}

	const run = promisify(zlib[decompress]);
	return async data => {
		if (data.length === 0) {
			throw invalid(format, 'there are no bytes');
		}

		// `info` gives the engine, too, which knows how many bytes it has read. 0 is no valid length for Node.
		const {buffer, engine} = await run(data, {maxOutputLength: Math.max(1, limit), info: true}).catch(error => {
			throw error.code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(limit) : invalid(format, error.message);
		});
		if (buffer.length > limit) {
			throw tooLarge(limit);
		}

		if (!mayFollow(format, data.subarray(engine.bytesWritten))) {
			throw invalid(format, 'other data follows it');
		}

		return buffer;
	};
};

module.exports = {compressorOf, decompressorOf};
