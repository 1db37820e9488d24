'use strict';

// The kernels where the addon does not load, by modules of Node: a class with the interface of the addon's `KernelPort`
// (`binding.d.ts`). The limit of `threads.js` says which items run.

const {Buffer} = require('node:buffer');
const {cause} = require('../../binding/binding.js');
const {AbortController} = require('../../common/environment.js');
const {needsAddon} = require('../../binding/no-binary-error.js');
const {bytesOf} = require('../../common/memory.js');
const {compressorOf, decompressorOf} = require('./compression.js');
const {algorithmOf, hashFile} = require('./hashes.js');
const {configureKernels, laneOf} = require('./threads.js');

/** Returns `{length, work(item, isWanted)}`: the length of all outputs, if it is the same, and what gives one. */
const find = ({kernel, of, parameter}) => {
	switch (kernel) {
		case 'compress':
			return {work: compressorOf(of, parameter)};
		case 'decompress':
			return {work: decompressorOf(of, parameter)};
		default: {
			const algorithm = algorithmOf(of);
			const work = kernel === 'files' ? (path, isWanted) => hashFile(algorithm, path, isWanted) : algorithm?.digest;
			return {length: algorithm?.length, work: algorithm && work};
		}
	}
};

const kernelOf = request => {
	const found = find(request);
	if (found.work === undefined) {
		throw needsAddon(request.of, "Node's modules here do not have it", cause);
	}

	return found;
};

/** Returns an item as bytes that only this call has. Paths stay. */
const copyOf = (kernel, item) => {
	if (kernel === 'files') {
		return item;
	}

	return typeof item === 'string' ? Buffer.from(item) : bytesOf(item).slice();
};

/** Returns outputs of one length in one memory, as a caller may transfer it: that of `Buffer.concat` may be Node's pool. */
const joinedOf = (outputs, length) => {
	const joined = Buffer.alloc(outputs.length * length);
	for (const [index, output] of outputs.entries()) {
		joined.set(output, index * length);
	}

	return joined;
};

/** Returns a failure in the form of the addon's. */
const failureOf = (index, {code = 'ERR_INTERNAL', errno, message}) => ({index, code, errno, message});

/** One call of a kernel. */
class Call {
	#items;
	#kernel;
	#outputs;
	#controller = new AbortController();
	done = 0;
	failures = [];

	constructor(request, items) {
		this.#kernel = kernelOf(request);
		this.#items = items.map(item => copyOf(request.kernel, item));
		this.#outputs = new Array(items.length);
	}

	/** Runs all items in a lane. Throws if the call is cancelled. */
	async run(lane) {
		await lane.with({signal: this.#controller.signal}).map(this.#items, (item, index) => this.#runItem(item, index));
	}

	async #runItem(item, index) {
		const {work, length = 0} = this.#kernel;
		try {
			this.#outputs[index] = await work(item, () => !this.#controller.signal.aborted);
		} catch (error) {
			this.#outputs[index] = Buffer.alloc(length);
			this.failures.push(failureOf(index, error));
		}

		this.done++;
	}

	cancel() {
		this.#controller.abort();
	}

	/** The outputs and failures, as the addon's `take` gives them. */
	get results() {
		const failures = this.failures.sort((a, b) => a.index - b.index);
		return this.#kernel.length === undefined
			? {outputs: this.#outputs, failures}
			: {joined: joinedOf(this.#outputs, this.#kernel.length), failures};
	}
}

class KernelPort {
	#onMessages;
	#calls = new Map();
	#ended = [];

	constructor(onMessages) {
		this.#onMessages = onMessages;
	}

	run(number, request, items) {
		const call = new Call(request, items);
		const lane = laneOf(request.lane);
		this.#calls.set(number, call);
		call.run(lane).then(
			() => {
				this.#calls.delete(number);
				this.#ended.push({call: number, ...call.results});
				this.#onMessages();
			},
			() => {}, // it was cancelled
		);
	}

	cancel(number) {
		this.#calls.get(number)?.cancel();
		this.#calls.delete(number);
	}

	progress(number) {
		const {done, failures} = this.#calls.get(number);
		return [done, failures.length];
	}

	/** Nothing is kept for later calls. */
	release() {}

	take() {
		return this.#ended.splice(0);
	}
}

module.exports = {KernelPort, configureKernels};
