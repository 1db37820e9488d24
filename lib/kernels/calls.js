'use strict';

// Calls of kernels: given to Rust, and settled when the results come back.

const {getSystemErrorName, inspect, types} = require('node:util');
const {KernelPort} = require('../../binding.js');
const {isDetached} = require('../checks.js');
const {InvalidArgError, invalid} = require('../errors.js');
const {Signals} = require('../signals.js');
const {laneOf} = require('../under.js');

const {isAnyArrayBuffer, isArrayBuffer, isUint8Array} = types;

/** How long the memory of calls is kept for the next ones, in milliseconds. */
const RELEASE_AFTER = 1000;

let port;
/** Releases memory when there has been no call for a while. */
let idle;
const calls = new Map();
const signals = new Signals();
let nextCall = 0;

const onLetters = () => {
	for (const {call, ...results} of port.take()) {
		const {settle} = calls.get(call);
		calls.delete(call);
		settle(results);
	}

	if (calls.size === 0) {
		idle ??= setTimeout(() => port.release(), RELEASE_AFTER).unref();
		idle.refresh();
	}
};

const checkAttached = (name, data) => {
	if (isDetached(ArrayBuffer.isView(data) ? data.buffer : data)) {
		throw invalid(name, 'memory that was not transferred to another thread', data);
	}
};

/** The bytes or the string to work on. What threads share is copied here, as Rust may not look at it. */
const readData = (data, name) => {
	if (typeof data === 'string') {
		return data;
	}

	if (ArrayBuffer.isView(data) || isAnyArrayBuffer(data)) {
		checkAttached(name, data);
	}

	if (isUint8Array(data) && isArrayBuffer(data.buffer)) {
		return data;
	}

	if (ArrayBuffer.isView(data)) {
		const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
		return isArrayBuffer(data.buffer) ? bytes : bytes.slice();
	}

	if (isAnyArrayBuffer(data)) {
		return isArrayBuffer(data) ? new Uint8Array(data) : new Uint8Array(data).slice();
	}

	throw invalid(name, 'a string, a Buffer, a typed array, a DataView or an ArrayBuffer', data);
};

const readList = (list, read) => {
	if (typeof list === 'string' || typeof list?.[Symbol.iterator] !== 'function') {
		throw invalid('list', 'an iterable of items', list);
	}

	return Array.from(list, (item, index) => read(item, `list[${index}]`));
};

const runKernel = (what, items, signal, read) =>
	new Promise((resolve, reject) => {
		signal?.throwIfAborted();
		port ??= new KernelPort(onLetters);
		const call = nextCall;
		nextCall = (nextCall + 1) >>> 0;
		try {
			port.run(call, what, items);
		} catch (error) {
			throw error.code === 'InvalidArg' ? new InvalidArgError(error.message) : error;
		}

		const stopWatching =
			signal &&
			signals.watch(signal, {
				leave: () => port.cancel(call),
				abort: reject,
			});
		calls.set(call, {
			settle(results) {
				stopWatching?.();
				try {
					resolve(read(results));
				} catch (error) {
					reject(error);
				}
			},
		});
	});

/** Has Rust work on all items, in one slot of the limit where there is one; a promise of `read(results)`. */
const callKernel = (what, items, {lane, signal, limit}, read) =>
	limit === undefined
		? runKernel(what, items, signal, read)
		: laneOf(
				limit,
				lane,
				signal,
			)(() => {
				for (const item of items) {
					if (typeof item !== 'string') {
						checkAttached('data', item); // it was when the call was made
					}
				}

				return runKernel(what, items, signal, read);
			});

/** The error of an item that failed, as Node gives those of the system. */
const errorOf = ({code, message, errno}, syscall, path) => {
	if (errno === undefined || errno === null) {
		return Object.assign(new Error(path === undefined ? message : `${message}: ${inspect(path)}`), {code});
	}

	const name = getSystemErrorName(-errno);
	const error = new Error(
		`${name}: ${message.replace(/ \(os error \d+\)$/, '').toLowerCase()}, ${syscall} ${inspect(path)}`,
	);
	return Object.assign(error, {errno: -errno, code: name, syscall, path});
};

module.exports = {callKernel, errorOf, readData, readList};
