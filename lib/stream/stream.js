'use strict';

// `stream`: results of a source that is pulled no faster than they are taken.
//
// An item is pulled (`source.js`), let in and run (`slots.js`; `calls.js` where each has options of its own), and keeps
// its outcome until that is given out.

const {isTask} = require('../call.js');
const {ItemCalls} = require('./calls.js');
const {Fifo} = require('../fifo.js');
const {Item} = require('./item.js');
const {ItemRunners} = require('./slots.js');
const {Source} = require('./source.js');

const over = {done: true, value: undefined};

let opened;
const open = (resolve, reject) => {
	opened = {resolve, reject};
};

class Streaming {
	#gate;
	#asked;
	#items;
	#source;
	#isOrdered;
	#highWaterMark;
	#stopOnError;
	#stopWatching = undefined;

	/** Items in the order that their outcomes are given out in: all, or as completed those that are settled. */
	#outcomes = new Fifo();
	/** Who waits for an outcome. */
	#takers = new Fifo();
	#errors = [];

	#index = 0;
	/** Items pulled whose outcomes have not been given out. */
	#ahead = 0;
	#isPulling = false;
	/** An item that has been pulled waits for room in a full lane. */
	#isHeld = false;
	/** Nothing more is pulled. */
	#isOver = false;
	/** What items come to is not asked any more. */
	#isFailed = false;
	/** Nothing more is given out. */
	#isClosed = false;

	constructor(gate, asked, options, source, mapper, {ordered, highWaterMark, stopOnError, signal}) {
		this.#gate = gate;
		this.#asked = asked;
		this.#isOrdered = ordered;
		this.#highWaterMark = highWaterMark;
		this.#stopOnError = stopOnError;
		const settled = (item, value, isError) => {
			this.#settle(item, value, isError);
			this.#serve();
		};
		this.#items =
			isTask({...options, signal: undefined}) || gate.inherited !== undefined
				? new ItemCalls(gate, asked, options, mapper, settled)
				: new ItemRunners(gate, asked, mapper, settled);
		this.#source = new Source(source, this);
		if (signal?.aborted) {
			this.#fail(signal.reason);
		} else if (signal !== undefined) {
			this.#stopWatching = gate.signals.watch(signal, {
				leave: () => this.#cancel(),
				abort: reason => {
					this.#fail(reason);
					gate.startNext();
				},
			});
		}
	}

	[Symbol.asyncIterator]() {
		return this;
	}

	next() {
		const item = this.#take();
		if (item !== undefined) {
			this.#pull();
			return item.isError ? this.#throw(item.value) : Promise.resolve({done: false, value: item.value});
		}

		if (this.#isClosed) {
			return Promise.resolve(over);
		}

		const promise = new Promise(open);
		this.#takers.push(opened);
		opened = undefined;
		this.#pull();
		this.#serve();
		return promise;
	}

	async return(value) {
		const told = this.#stop();
		this.#close();
		this.#gate.startNext();
		await told;
		return {done: true, value};
	}

	async throw(error) {
		await this.return();
		throw error;
	}

	get #mostAhead() {
		const {concurrency} = this.#gate;
		const running = concurrency === Number.POSITIVE_INFINITY ? 0 : concurrency;
		// No concurrency and no items beyond it are still one: else it would wait for ever.
		return Math.max(1, running + (this.#highWaterMark ?? Math.min(running || 16, 1024)));
	}

	get #mayPull() {
		const source = this.#source;
		return !(source.isAsked || source.isExhausted || this.#isHeld || this.#isOver);
	}

	#pull() {
		if (this.#isPulling || !this.#mayPull) {
			return;
		}

		this.#isPulling = true;
		const most = this.#mostAhead;
		while (this.#ahead < most && this.#mayPull) {
			this.#source.ask();
		}

		this.#isPulling = false;
	}

	came(value) {
		if (this.#isOver) {
			return; // too late
		}

		this.#enter(this.#pulled(value));
		if (!this.#isPulling) {
			this.#pull();
		}
	}

	ended() {
		this.#goOn();
	}

	/** In the place of the item: what came before it is given out. */
	sourceFailed(error) {
		this.#isOver = true;
		this.#end(this.#pulled(), error);
	}

	#pulled(value) {
		this.#ahead++;
		const item = new Item(value, this.#index++);
		if (this.#isOrdered) {
			this.#outcomes.push(item);
		}

		return item;
	}

	#enter(item) {
		if (this.#gate.overflows && !this.#gate.hasRoom(this.#asked)) {
			this.#hold(item);
			return;
		}

		try {
			this.#items.enter(item);
		} catch (error) {
			const refusal = this.#gate.refusalOf(error);
			if (refusal.code === 'ERR_QUEUE_FULL') {
				this.#hold(item);
			} else {
				this.#refused(item, refusal);
			}
		}
	}

	/** Until the lane has room. */
	async #hold(item) {
		this.#isHeld = true;
		let refusal;
		try {
			await this.#gate.promises.ready(this.#asked);
		} catch (error) {
			refusal = error;
		}

		this.#isHeld = false;
		if (this.#isOver) {
			return;
		}

		if (refusal === undefined) {
			this.#enter(item);
			this.#pull();
		} else {
			this.#refused(item, refusal);
		}
	}

	/** No item would be let in any more. */
	#refused(item, error) {
		this.#isOver = true;
		this.#source.close().catch(() => {});
		if (this.#stopOnError) {
			this.#end(item, error);
		} else {
			this.#settle(item, error, true);
			this.#goOn();
		}
	}

	/** The last outcome. */
	#end(item, error) {
		item.isFinal = true;
		this.#settle(item, error, true);
		this.#goOn();
	}

	/** After something has come that was waited for. */
	#goOn() {
		if (!this.#isPulling) {
			this.#serve();
		}
	}

	#settle(item, value, isError) {
		if (this.#isFailed) {
			return;
		}

		item.value = value;
		item.isError = isError;
		item.isSettled = true;
		if (!this.#isOrdered) {
			this.#outcomes.push(item);
		}

		if (isError && !item.isFinal && this.#stopOnError) {
			this.#stop().catch(() => {}); // it would hide this error
		}
	}

	/** The next outcome to give out, if it is there. */
	#take() {
		const outcomes = this.#outcomes;
		while (outcomes.first?.isSettled) {
			const item = outcomes.shift();
			this.#ahead--;
			if (!item.isError || this.#stopOnError || item.isFinal) {
				return item;
			}

			this.#errors.push(item.value); // in the order that its result would have had
		}

		return undefined;
	}

	/** Gives those who wait what there is. */
	#serve() {
		while (this.#takers.first !== undefined) {
			const item = this.#take();
			if (item === undefined) {
				this.#pull();
				if (this.#outcomes.first?.isSettled) {
					continue; // that was pulled and settled at once
				}

				if (this.#ahead === 0 && !this.#mayPull && !this.#source.isAsked) {
					this.#finish();
				}

				return;
			}

			const {resolve, reject} = this.#takers.shift();
			if (item.isError) {
				this.#throw(item.value).catch(reject);
			} else {
				resolve({done: false, value: item.value});
			}
		}

		this.#pull();
	}

	/** All results have been taken. */
	#finish() {
		if (this.#errors.length > 0) {
			this.#takers.shift()?.reject(new AggregateError(this.#errors, `${this.#errors.length} items failed`));
		}

		this.#close();
	}

	#throw(error) {
		this.#fail();
		return Promise.reject(error);
	}

	/** Ends it; who waits is told the error, or who asks next. */
	#fail(error) {
		this.#stop().catch(() => {});
		if (error === undefined || this.#isClosed) {
			this.#close();
			return;
		}

		const taker = this.#takers.shift();
		if (taker === undefined) {
			this.#outcomes.clear();
			this.#ahead = 0;
			this.#end(this.#pulled(), error);
			this.#isFailed = true;
			this.#items.close();
			this.#stopWatching?.();
		} else {
			taker.reject(error);
			this.#close();
		}
	}

	#close() {
		this.#isClosed = true;
		this.#isFailed = true;
		this.#items.close();
		this.#outcomes.clear();
		this.#stopWatching?.();
		for (const {resolve} of this.#takers.clear()) {
			resolve(over);
		}
	}

	/** Takes what waits for a slot out of the queue. */
	#cancel() {
		this.#ahead -= this.#items.cancel();
	}

	/** Pulls no more, and tells the source. */
	async #stop() {
		if (!this.#isOver) {
			this.#isOver = true;
			this.#cancel();
			await this.#source.close();
		}
	}
}

module.exports = {Streaming};
