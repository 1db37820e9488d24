'use strict';

// `hash`, `hash.map` and `hash.files`.

const {Buffer} = require('node:buffer');
const {fileURLToPath} = require('node:url');
const {markAsUntransferable} = require('node:worker_threads');
const {checkObject, checkSignal, readLane} = require('../checks.js');
const {invalid} = require('../errors.js');
const {checkLimit} = require('../under.js');
const {callKernel, errorOf, readData, readList} = require('./calls.js');

const algorithms = ['sha1', 'sha256', 'sha512', 'blake3', 'xxh3-64', 'xxh3-128', 'crc32'];
const encodings = ['hex', 'base64', 'base64url'];
const noOptions = {};

const checkAlgorithm = algorithm => {
	if (!algorithms.includes(algorithm)) {
		throw invalid('algorithm', `one of ${algorithms.map(name => `'${name}'`).join(', ')}`, algorithm);
	}
};

const readOptions = options => {
	checkObject('options', options);

	const {encoding, lane = 'online', signal, limit} = options;
	if (encoding !== undefined && encoding !== 'buffer' && !encodings.includes(encoding)) {
		throw invalid('encoding', "'buffer', 'hex', 'base64' or 'base64url'", encoding);
	}

	if (signal !== undefined) {
		checkSignal(signal);
	}

	checkLimit(limit);
	return {encoding: encoding === 'buffer' ? undefined : encoding, lane: readLane(lane), signal, limit};
};

/** All digests, as asked for. Buffers share one memory, which nobody can transfer away from the others. */
const digestsOf = (joined, number, encoding) => {
	const length = joined.length / number;
	if (encoding === undefined && number > 1) {
		markAsUntransferable(joined.buffer);
	}

	return Array.from({length: number}, (_, index) => {
		const begin = index * length;
		const end = begin + length;
		return encoding === undefined ? joined.subarray(begin, end) : joined.toString(encoding, begin, end);
	});
};

/** Hashes bytes, or a string's UTF-8, on another thread. */
const hash = async (algorithm, data, options = noOptions) => {
	checkAlgorithm(algorithm);
	const given = readOptions(options);
	const {encoding, lane} = given;
	const what = {kernel: 'hash', of: algorithm, lane};
	return callKernel(what, [readData(data, 'data')], given, ({joined}) => digestsOf(joined, 1, encoding)[0]);
};

/** Hashes every item of a list; all of them are one call. */
hash.map = async (algorithm, list, options = noOptions) => {
	checkAlgorithm(algorithm);
	const given = readOptions(options);
	const {encoding, lane} = given;
	const what = {kernel: 'hash', of: algorithm, lane};
	const items = readList(list, readData);
	return callKernel(what, items, given, ({joined}) => digestsOf(joined, items.length, encoding));
};

const readPath = (path, name) => {
	if (path instanceof URL && path.protocol === 'file:') {
		return fileURLToPath(path);
	}

	const text = Buffer.isBuffer(path) ? path.toString() : path;
	if (Buffer.isBuffer(path) && !Buffer.from(text).equals(path)) {
		throw invalid(name, 'a path in UTF-8', path);
	}

	if (typeof text !== 'string' || text === '' || text.includes('\0')) {
		throw invalid(name, 'a path or a file URL', path);
	}

	return text;
};

/** Reads and hashes files; the entry of a file that can't be read is the error. */
hash.files = async (algorithm, paths, options = noOptions) => {
	checkAlgorithm(algorithm);
	const given = readOptions(options);
	const {encoding, lane} = given;
	const items = readList(paths, (path, name) => readPath(path, name.replace('list', 'paths')));
	const what = {kernel: 'files', of: algorithm, lane};
	return callKernel(what, items, given, ({joined, failures}) => {
		const entries = digestsOf(joined, items.length, encoding);
		for (const failure of failures) {
			entries[failure.index] = errorOf(failure, 'read', items[failure.index]);
		}

		return entries;
	});
};

module.exports = {hash};
