'use strict';

// Kernel calls: Rust runs them, and their promises settle when the results arrive.

const {getSystemErrorMap, inspect, types} = require('node:util');
const binding = require('../binding/binding.js');
const {outside} = require('../common/context.js');
const {setTimeout} = require('../common/environment.js');
const {InvalidArgError, invalid} = require('../common/errors.js');
const {END, readIterable} = require('../common/iterators.js');
const {bufferOf, bytesOf, isDetached, isOutOfBounds} = require('../common/memory.js');
const {watchSignal} = require('../common/signals.js');
const {progressNames} = require('../options/progress-options.js');
const {laneOf, named} = require('../limit/limit-option.js');

/** The options of every kernel. */
const kernelNames = ['lane', 'signal', 'limit', ...progressNames];

/** The addon's, or one by modules of Node where the addon does not load. */
const {KernelPort} = binding.kind === 'wasm' ? require('./node/port.js') : binding;

const {isAnyArrayBuffer, isArrayBuffer, isUint8Array} = types;

/** Milliseconds without a call after which the memory of calls is released. */
const RELEASE_AFTER = 1000;

let port;
let releaseTimer;
const calls = new Map();
let nextCall = 0;

const onMessages = () => {
	for (const {call, ...results} of port.take()) {
		const {settle} = calls.get(call);
		calls.delete(call);
		settle(results);
	}

	if (calls.size === 0) {
		releaseTimer ??= setTimeout(() => port.release(), RELEASE_AFTER).unref();
		releaseTimer.refresh();
	}
};

/** Throws if the memory of an item is gone. User code may take it at any time until Rust has copied it. */
const checkMemory = (name, data) => {
	const isView = ArrayBuffer.isView(data);
	if (isDetached(isView ? bufferOf(data) : data)) {
		throw invalid(name, 'memory that was not transferred to another thread', data);
	}

	if (isView && isOutOfBounds(data)) {
		throw invalid(name, 'a view of memory that has not shrunk below it', data);
	}
};

/** Returns the bytes or the string to work on. Copies shared memory, which Rust must not read. */
const readData = (data, name) => {
	if (typeof data === 'string') {
		return data;
	}

	if (ArrayBuffer.isView(data) || isAnyArrayBuffer(data)) {
		checkMemory(name, data);
	}

	if (ArrayBuffer.isView(data)) {
		if (!isArrayBuffer(bufferOf(data))) {
			return bytesOf(data).slice();
		}

		return isUint8Array(data) ? data : bytesOf(data);
	}

	if (isAnyArrayBuffer(data)) {
		return isArrayBuffer(data) ? new Uint8Array(data) : new Uint8Array(data).slice();
	}

	throw invalid(name, 'a string, a Buffer, a typed array, a DataView or an ArrayBuffer', data);
};

/** What messages call the items of a list, or the item of a call that has only one. */
const nameInList = index => `list[${index}]`;
const nameOfOne = () => 'data';

const readList = (list, read) => {
	const allowed = 'an iterable of items';
	if (typeof list === 'string') {
		throw invalid('list', allowed, list);
	}

	const source = readIterable(list, 'list', allowed)();
	const items = [];
	try {
		for (let item = source.next(); item !== END; item = source.next()) {
			items.push(read(item, nameInList(items.length)));
		}
	} catch (error) {
		source.close();
		throw error;
	}

	return items;
};

/** Has Rust run a kernel. No user code runs after the check of the items, whose names `nameOf(index)` gives. */
const submit = (call, request, items, nameOf) => {
	for (const [index, item] of items.entries()) {
		if (typeof item !== 'string') {
			// User code may have transferred it, or shrunk its buffer, since it was read.
			checkMemory(nameOf(index), item);
		}
	}

	port ??= outside(() => new KernelPort(onMessages)); // it stays for all calls to come
	try {
		port.run(call, request, items);
	} catch (error) {
		throw error.code === 'InvalidArg' ? new InvalidArgError(error.message) : error;
	}
};

const runKernel = (request, items, given, read, nameOf) =>
	new Promise((resolve, reject) => {
		const call = nextCall;
		nextCall = (nextCall + 1) >>> 0;
		const cancel = () => {
			calls.delete(call);
			port?.cancel(call); // there may be none: an item that is refused is inspected for the message
		};
		const {signal, onProgress} = given;
		let progress;
		const fail = error => {
			progress?.endSoon();
			reject(error);
		};
		const stopWatching = signal && watchSignal(signal, {dequeue: cancel, abort: fail});
		try {
			submit(call, request, items, nameOf);
		} catch (error) {
			stopWatching?.();
			throw error;
		}

		if (onProgress !== undefined) {
			const {KernelProgress} = require('./kernel-progress.js');
			progress = new KernelProgress(
				given,
				items.length,
				() => port.progress(call),
				error => {
					stopWatching?.();
					cancel();
					reject(error);
				},
			);
		}

		calls.set(call, {
			settle(results) {
				stopWatching?.();
				try {
					const value = read(results);
					progress?.endWith(results.failures.length);
					resolve(value);
				} catch (error) {
					fail(error);
				}
			},
		});
	});

/** Runs a kernel on all items, in one slot of the limit if there is one. Returns a promise of `read(results)`. */
const callKernel = (request, items, given, read, nameOf = nameInList) => {
	const {lane, signal, limit} = given;
	const run = () => runKernel(request, items, given, read, nameOf);
	return limit === undefined ? run() : laneOf(limit, lane, signal)(named(run, request.kernel));
};

/** Returns the error of an item that failed, in the form of Node's system errors. */
const errorOf = ({code, message, errno}, syscall, path) => {
	if (errno === undefined || errno === null) {
		return Object.assign(new Error(path === undefined ? message : `${message}: ${inspect(path)}`), {code});
	}

	const [name, text] = getSystemErrorMap().get(errno) ?? [`Unknown system error ${errno}`, message];
	return Object.assign(new Error(`${name}: ${text}, ${syscall} ${inspect(path)}`), {errno, code: name, syscall, path});
};

module.exports = {kernelNames, callKernel, errorOf, nameOfOne, readData, readList};
