'use strict';

// How far a kernel call is. Rust is asked, again and again.

const {clearTimeout, setTimeout} = require('../common/environment.js');
const {Progress} = require('../observe/progress.js');

class KernelProgress {
	#progress;
	#read;
	#items;
	#interval;
	/** Items that have failed before they came to Rust. */
	#refused;
	#timer;

	/** `read` returns `[done, failed]`. `stop(error)` is called if the user's function throws. */
	constructor(given, items, read, stop) {
		const {refused = 0, progressInterval} = given;
		this.#progress = new Progress(given, items + refused, error => {
			clearTimeout(this.#timer);
			stop(error);
		});
		this.#read = read;
		this.#items = items;
		this.#interval = Math.max(1, progressInterval);
		this.#refused = refused;
		this.#askLater();
	}

	#askLater() {
		this.#timer = setTimeout(() => {
			const [done, failed] = this.#read();
			this.#update(done, failed);
			this.#askLater();
		}, this.#interval).unref();
	}

	#update(done, failed) {
		this.#progress.update(done + this.#refused, failed + this.#refused);
	}

	/** The call has ended, and so many items have failed. Throws what the user's function throws. */
	endWith(failed) {
		clearTimeout(this.#timer);
		this.#update(this.#items, failed);
		this.#progress.end();
	}

	/** The call has failed. */
	endSoon() {
		clearTimeout(this.#timer);
		this.#progress.endSoon();
	}
}

module.exports = {KernelProgress};
