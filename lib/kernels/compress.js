'use strict';

// `compress`, `decompress` and their `map`.

const {checkObject, readLane} = require('../common/checks.js');
const {invalid} = require('../common/errors.js');
const {checkSignal} = require('../common/signals.js');
const {checkLimit} = require('../limit/limit-option.js');
const {OptionNames} = require('../common/option-names.js');
const {readProgress} = require('../options/progress-options.js');
const {callKernel, errorOf, kernelNames, nameOfOne, readData, readList} = require('./kernel-call.js');

const compressNames = new OptionNames(['level', ...kernelNames], {
	maxOutputLength: 'only `decompress` has it',
});

const decompressNames = new OptionNames(['maxOutputLength', ...kernelNames], {
	level: 'only `compress` has it',
});

/** The formats, each with its lowest and highest level. */
const formats = {gzip: [0, 9], brotli: [0, 11], zstd: [1, 22]};
const DEFAULT_MAX_OUTPUT_LENGTH = 2 ** 30;
const noOptions = {};

const readOptions = (format, options, names) => {
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
	const {lane = 'online', signal, limit, ...parameters} = names.read(options);
	if (signal !== undefined) {
		checkSignal(signal);
	}

	checkLimit(limit);
	return {...parameters, ...readProgress(parameters), lane: readLane(lane), signal, limit};
};

const readLevel = (format, {level}) => {
	const [min, max] = formats[format];
	if (level !== undefined && !(Number.isInteger(level) && level >= min && level <= max)) {
		throw invalid('level', `a whole number from ${min} to ${max} for ${format}`, level);
	}

	return level;
};

const readMaxOutputLength = (_, {maxOutputLength = DEFAULT_MAX_OUTPUT_LENGTH}) => {
	if (!(Number.isSafeInteger(maxOutputLength) && maxOutputLength >= 0 && maxOutputLength <= 2 ** 32 - 1)) {
		throw invalid('maxOutputLength', `a whole number of bytes from 0 to ${2 ** 32 - 1}`, maxOutputLength);
	}

	return maxOutputLength;
};

/** Returns the outputs, or throws the first failure. */
const read = ({outputs, failures: [failure]}) => {
	if (failure !== undefined) {
		throw Object.assign(errorOf(failure), {index: failure.index});
	}

	return outputs;
};

/** Creates the function for one item, with `map` for many. */
const defineKernel = (kernel, names, readParameter) => {
	const call = (format, options) => {
		const given = readOptions(format, options, names);
		const request = {kernel, of: format, parameter: readParameter(format, given), lane: given.lane};
		return (items, nameOf) => callKernel(request, items, given, read, nameOf);
	};

	const one = async (format, data, options = noOptions) => {
		const run = call(format, options);
		const [output] = await run([readData(data, 'data')], nameOfOne);
		return output;
	};

	one.map = async (format, list, options = noOptions) => {
		const run = call(format, options);
		return run(readList(list, readData));
	};

	return one;
};

module.exports = {
	compress: defineKernel('compress', compressNames, readLevel),
	compressNames,
	decompress: defineKernel('decompress', decompressNames, readMaxOutputLength),
	decompressNames,
};
