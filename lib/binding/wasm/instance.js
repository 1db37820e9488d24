'use strict';

// An instance of the WebAssembly module: its exports, views of its memory, its texts and its errors.

const {now} = require('../../common/time.js');

/** The texts of Rust are ASCII. */
const decode = bytes => String.fromCharCode(...bytes);

const errorOf = (code, message) => Object.assign(new Error(message), {code});

class Instance {
	exports;

	/** The address of the wire; see `src/port/hot_calls.rs`. */
	wire;

	/** Are called with the buffer of the memory, now and whenever it has grown: older views are detached then. */
	#viewers = [];

	constructor(module) {
		const imports = {
			clock: now,
			grew: () => {
				for (const view of this.#viewers) {
					view(this.#buffer);
				}
			},
			panicked: (address, length) => {
				this.exports.__stack_pointer.value = stack; // the frames below this one never return
				throw errorOf('ERR_INTERNAL', this.text(address, length));
			},
		};
		this.exports = new WebAssembly.Instance(module, {'p-lanes': imports}).exports;
		const stack = this.exports.__stack_pointer.value;
		this.wire = this.exports.start();
	}

	get #buffer() {
		return this.exports.memory.buffer;
	}

	/** Calls a function with the buffer of the memory, now and whenever it has grown. */
	view(viewer) {
		this.#viewers.push(viewer);
		viewer(this.#buffer);
	}

	/** A text of the module; without an address the one that it has told last. */
	text(address = this.exports.textPointer(), length = this.exports.textLength()) {
		return decode(new Uint8Array(this.#buffer, address, length));
	}

	/** The list of numbers that a call has given, by its length. */
	list(length) {
		return new Float64Array(this.#buffer, this.exports.list(), length);
	}

	/** The error of a call that has failed. */
	failure() {
		const text = this.text();
		const end = text.indexOf(' ');
		return errorOf(text.slice(0, end), text.slice(end + 1));
	}

	/** Throws if the answer of a call says that it has failed. */
	check(failed) {
		if (failed !== 0) {
			throw this.failure();
		}
	}
}

module.exports = {Instance};
