'use strict';

// `hash`, `hash.map` and `hash.files`.

const {Buffer} = require('node:buffer');
const process = require('node:process');
const {URL, fileURLToPath} = require('node:url');
const {markAsUntransferable} = require('node:worker_threads');
const {checkObject, isUrlObject, readLane} = require('../common/checks.js');
const {invalid} = require('../common/errors.js');
const {checkSignal} = require('../common/signals.js');
const {checkLimit} = require('../limit/limit-option.js');
const {OptionNames} = require('../common/option-names.js');
const {readProgress} = require('../options/progress-options.js');
const {callKernel, errorOf, kernelNames, nameOfOne, readData, readList} = require('./kernel-call.js');

const hashNames = new OptionNames(['encoding', ...kernelNames]);

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
	const {encoding, lane = 'online', signal, limit, ...rest} = hashNames.read(options);
	if (encoding !== undefined && encoding !== 'buffer' && !encodings.includes(encoding)) {
		throw invalid('encoding', "'buffer', 'hex', 'base64' or 'base64url'", encoding);
	}

	if (signal !== undefined) {
		checkSignal(signal);
	}

	checkLimit(limit);
	return {
		encoding: encoding === 'buffer' ? undefined : encoding,
		lane: readLane(lane),
		signal,
		limit,
		...readProgress(rest),
	};
};

/** Returns all digests in an encoding. Buffers share one memory, which no transfer may detach. */
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

/** Hashes bytes, or the UTF-8 of a string, on another thread. */
const hash = async (algorithm, data, options = noOptions) => {
	checkAlgorithm(algorithm);
	const given = readOptions(options);
	const {encoding, lane} = given;
	const request = {kernel: 'hash', of: algorithm, lane};
	const read = ({joined}) => digestsOf(joined, 1, encoding)[0];
	return callKernel(request, [readData(data, 'data')], given, read, nameOfOne);
};

/** Hashes every item of a list in one kernel call. */
hash.map = async (algorithm, list, options = noOptions) => {
	checkAlgorithm(algorithm);
	const given = readOptions(options);
	const {encoding, lane} = given;
	const request = {kernel: 'hash', of: algorithm, lane};
	const items = readList(list, readData);
	return callKernel(request, items, given, ({joined}) => digestsOf(joined, items.length, encoding));
};

const readPath = (path, name) => {
	if (isUrlObject(path) && path.protocol === 'file:') {
		return fileURLToPath(new URL(path.href));
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

/** Returns the error of Node's permission model if it does not let this process read a file. Rust would read it. */
const accessError = path => {
	if (process.permission === undefined || process.permission.has('fs.read', path)) {
		return undefined;
	}

	return Object.assign(
		new Error('Access to this API has been restricted. Use --allow-fs-read to manage permissions.'),
		{
			code: 'ERR_ACCESS_DENIED',
			permission: 'FileSystemRead',
			resource: path,
		},
	);
};

/** Reads and hashes files. If a file can't be read, its entry is the error. */
hash.files = async (algorithm, paths, options = noOptions) => {
	checkAlgorithm(algorithm);
	const given = readOptions(options);
	const {encoding, lane} = given;
	const items = readList(paths, (path, name) => readPath(path, name.replace('list', 'paths')));
	const entries = items.map(path => accessError(path));
	const indexes = [...entries.keys()].filter(index => entries[index] === undefined);
	const allowed = indexes.map(index => items[index]);
	const request = {kernel: 'files', of: algorithm, lane};
	const refused = items.length - allowed.length;
	return callKernel(request, allowed, {...given, refused}, ({joined, failures}) => {
		for (const [place, digest] of digestsOf(joined, allowed.length, encoding).entries()) {
			entries[indexes[place]] = digest;
		}

		for (const failure of failures) {
			const index = indexes[failure.index];
			entries[index] = errorOf(failure, 'read', items[index]);
		}

		return entries;
	});
};

module.exports = {hash, hashNames};
