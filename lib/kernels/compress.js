'use strict';

// `compress`, `decompress` and their `map`.

const {checkObject, checkSignal, readLane} = require('../checks.js');
const {invalid} = require('../errors.js');
const {checkLimit} = require('../under.js');
const {callKernel, errorOf, readData, readList} = require('./calls.js');

/** The formats with their levels, from the least to the most. */
const formats = {gzip: [0, 9], brotli: [0, 11], zstd: [1, 22]};
const DEFAULT_LARGEST = 2 ** 30;
const noOptions = {};

const readOptions = (format, options) => {
	if (!Object.hasOwn(formats, format)) {
		throw invalid(
			'format',
			`one of ${Object.keys(formats)
				.map(name => `'${name}'`)
				.join(', ')}`,
			format,
		);
	}

	checkObject('options', options);

	const {lane = 'online', signal, limit} = options;
	if (signal !== undefined) {
		checkSignal(signal);
	}

	checkLimit(limit);
	return {lane: readLane(lane), signal, limit};
};

const readLevel = (format, {level}) => {
	const [least, most] = formats[format];
	if (level !== undefined && !(Number.isInteger(level) && level >= least && level <= most)) {
		throw invalid('level', `a whole number from ${least} to ${most} for ${format}`, level);
	}

	return level;
};

const readLargest = (_, {maxOutputLength = DEFAULT_LARGEST}) => {
	if (!(Number.isSafeInteger(maxOutputLength) && maxOutputLength >= 0 && maxOutputLength <= 2 ** 32 - 1)) {
		throw invalid('maxOutputLength', `a whole number of bytes from 0 to ${2 ** 32 - 1}`, maxOutputLength);
	}

	return maxOutputLength;
};

/** The outputs; throws the first failure. */
const read = ({outputs, failures: [failure]}) => {
	if (failure !== undefined) {
		throw Object.assign(errorOf(failure), {index: failure.index});
	}

	return outputs;
};

/** A kernel of one item, with `map` for many. */
const define = (kernel, readParameter) => {
	const call = (format, options) => {
		const given = readOptions(format, options);
		const what = {kernel, of: format, parameter: readParameter(format, options), lane: given.lane};
		return items => callKernel(what, items, given, read);
	};

	const one = async (format, data, options = noOptions) => {
		const run = call(format, options);
		const [output] = await run([readData(data, 'data')]);
		return output;
	};

	one.map = async (format, list, options = noOptions) => {
		const run = call(format, options);
		return run(readList(list, readData));
	};

	return one;
};

module.exports = {compress: define('compress', readLevel), decompress: define('decompress', readLargest)};
