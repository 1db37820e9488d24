'use strict';

// How far a map, a stream or a kernel is (option `onProgress`). An item that ends costs a count. The user's function is
// called from a timer, and once more at the end.

const {Context} = require('../common/context.js');
const {queueMicrotask} = require('../common/environment.js');
const {clearTimeout, now, setTimeout} = require('../common/time.js');

/** The rate is that of so many last milliseconds. */
const RATE_WINDOW = 5000;

class Progress {
	/** How many items there are; undefined while that is not known. */
	total;

	#done = 0;
	#failed = 0;
	#onProgress;
	#interval;
	#stop;
	#context = new Context();
	#timer = undefined;
	#hasEnded = false;
	#toldAt = now();
	/** What was told in the last milliseconds, as `{at, done}`, and the last time before. */
	#told = [{at: this.#toldAt, done: 0}];

	/** `stop(error)` is called if the user's function throws. */
	constructor({onProgress, progressInterval}, total, stop) {
		this.#onProgress = onProgress;
		this.#interval = progressInterval;
		this.total = total;
		this.#stop = stop;
	}

	/** An item has ended. */
	itemEnded(hasFailed) {
		this.#done++;
		this.#failed += Number(hasFailed);
		this.#tellSoon();
	}

	/** So many items have ended, as far as is known. */
	update(done, failed) {
		if (done !== this.#done) {
			this.#done = done;
			this.#failed = failed;
			this.#tellSoon();
		}
	}

	#tellSoon() {
		if (this.#timer === undefined && !this.#hasEnded) {
			const left = Math.max(0, this.#toldAt + this.#interval - now());
			this.#timer = setTimeout(() => this.#onTimer(), Math.ceil(left)).unref();
		}
	}

	#onTimer() {
		this.#timer = undefined;
		if (this.#hasEnded) {
			return;
		}

		try {
			this.#tell();
		} catch (error) {
			this.#hasEnded = true;
			this.#stop(error);
		}
	}

	#tell() {
		const at = now();
		const [done, failed] = [this.#done, this.#failed];
		this.#toldAt = at;
		const told = this.#told;
		told.push({at, done});
		while (told.length > 2 && told[1].at <= at - RATE_WINDOW) {
			told.shift();
		}

		const [first] = told;
		const rate = at > first.at ? ((done - first.done) * 1000) / (at - first.at) : 0;
		const {total} = this;
		const left = total === undefined ? undefined : total - done;
		const eta = left === 0 ? 0 : left === undefined || rate === 0 ? undefined : (left * 1000) / rate;
		this.#context.run(this.#onProgress, {done, failed, total, rate, eta});
	}

	/** All has ended well: tells the last numbers. Throws what the user's function throws. */
	end() {
		if (this.#finish()) {
			this.#tell();
		}
	}

	/** The same for a call that has failed, in a moment. Its error counts, and not one of the user's function. */
	endSoon() {
		if (this.#finish()) {
			queueMicrotask(() => {
				try {
					this.#tell();
				} catch {
					// see above
				}
			});
		}
	}

	/** Returns whether there is something to tell: it had not ended before, and there are items. */
	#finish() {
		const isFirst = !this.#hasEnded;
		this.#hasEnded = true;
		clearTimeout(this.#timer);
		return isFirst && this.total !== 0;
	}
}

/** Returns a class of map results (`map/results.js`) that count their items. Its `progress` must be set. */
const reportingOf = Results =>
	class ReportingResults extends Results {
		progress;

		fulfil(index, value) {
			this.progress.itemEnded(false);
			super.fulfil(index, value);
		}

		fail(index, error) {
			this.progress.itemEnded(true);
			super.fail(index, error);
		}

		complete(number) {
			this.progress.total = number;
			super.complete(number);
		}

		resolve() {
			try {
				this.progress.end();
			} catch (error) {
				super.reject(error);
				return;
			}

			super.resolve();
		}

		reject(error) {
			this.progress.endSoon();
			super.reject(error);
		}
	};

module.exports = {Progress, reportingOf};
