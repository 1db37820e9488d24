'use strict';

// `stream`: results of a source that is pulled no faster than they are taken.
//
// An item is pulled (`source.js`), waits for a slot, runs (`runners.js`), and keeps its outcome until that is given
// out. Items of one stream get their slots in the order they were pulled in.

const {Runners} = require('../runners.js');
const {Fifo} = require('./fifo.js');
const {Item} = require('./item.js');
const {Source} = require('./source.js');

const over = {done: true, value: undefined};

let opened;
const open = (resolve, reject) => {
	opened = {resolve, reject};
};

class Streaming extends Runners {
	#asked;
	#mapper;
	#source;
	#isOrdered;
	#highWaterMark;
	#stopOnError;
	#stopWatching;

	/** Items that wait for a slot. */
	#waiting = new Fifo();
	/** Items in the order that their outcomes are given out in: all, or as completed those that are settled. */
	#outcomes = new Fifo();
	/** Who waits for an outcome. */
	#takers = new Fifo();
	#errors = [];

	#index = 0;
	/** Items pulled whose outcomes have not been given out. */
	#ahead = 0;
	#isPulling = false;
	/** Nothing more is pulled. */
	#isOver = false;
	/** Nothing more is given out. */
	#isClosed = false;

	constructor(gate, asked, source, mapper, {ordered, highWaterMark, stopOnError, signal}) {
		super(gate, 'p-lanes.stream');
		this.#asked = asked;
		this.#mapper = mapper;
		this.#isOrdered = ordered;
		this.#highWaterMark = highWaterMark;
		this.#stopOnError = stopOnError;
		this.#source = new Source(source, this);
		this.#stopWatching =
			signal &&
			gate.signals.watch(signal, {
				leave: () => this.#cancel(),
				abort: reason => {
					this.#fail(reason);
					gate.startNext();
				},
			});
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
		this.gate.startNext();
		await told;
		return {done: true, value};
	}

	async throw(error) {
		await this.return();
		throw error;
	}

	get #mostAhead() {
		const {concurrency} = this.gate;
		const running = concurrency === Number.POSITIVE_INFINITY ? 0 : concurrency;
		return running + (this.#highWaterMark ?? Math.min(running || 16, 1024));
	}

	#pull() {
		const source = this.#source;
		if (this.#isPulling || source.isAsked || source.isExhausted || this.#isOver) {
			return;
		}

		this.#isPulling = true;
		const most = this.#mostAhead;
		while (this.#ahead < most && !(source.isAsked || source.isExhausted || this.#isOver)) {
			source.ask();
		}

		this.#isPulling = false;
	}

	came(value) {
		if (this.#isOver) {
			return; // too late
		}

		const item = this.#pulled(value);
		const {gate} = this;
		let place;
		try {
			place = gate.enqueue(this.#asked);
		} catch (error) {
			this.#settle(item, gate.refusalOf(error), true);
			this.#goOn();
			return;
		}

		this.#waiting.push(item);
		if (place >= 0) {
			this.beginIn(place);
		} else {
			item.ticket = ~place;
			gate.waiting[item.ticket] = item;
		}

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
		this.#settle(Object.assign(this.#pulled(), {isFinal: true}), error, true);
		this.#goOn();
	}

	#pulled(value) {
		this.#ahead++;
		const item = new Item(this, value, this.#index++);
		if (this.#isOrdered) {
			this.#outcomes.push(item);
		}

		return item;
	}

	/** After something has come that was waited for. */
	#goOn() {
		if (!this.#isPulling) {
			this.#serve();
		}
	}

	isNext(ticket) {
		return ticket >= 0 && this.gate.waiting[ticket] === this.#waiting.first;
	}

	takes(runner) {
		const item = this.#waiting.shift();
		if (item.ticket >= 0) {
			this.gate.waiting[item.ticket] = undefined;
		}

		runner.item = item;
	}

	/** The first that waits for a slot was cleared. */
	dropped(reason = AbortSignal.abort().reason) {
		this.#settle(this.#waiting.shift(), reason, true);
		this.#serve();
	}

	run({item}) {
		const mapper = this.#mapper;
		return this.#isClosed ? undefined : mapper(item.value, item.index);
	}

	fulfilled(runner, value) {
		const {item} = runner;
		this.gate.unitFulfilled(this, runner);
		this.#settle(item, value, false);
		this.#serve();
	}

	rejected(runner, error) {
		const {item} = runner;
		this.gate.rejected(runner.slot);
		this.#settle(item, error, true);
		this.#serve();
	}

	#settle(item, value, isError) {
		item.value = value;
		item.isError = isError;
		item.isSettled = true;
		if (!this.#isOrdered) {
			this.#outcomes.push(item);
		}

		if (isError && !item.isFinal) {
			if (this.#stopOnError) {
				this.#stop().catch(() => {}); // it would hide this error
			} else {
				this.#errors.push(value);
			}
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
		}

		return undefined;
	}

	/** Gives those who wait what there is. */
	#serve() {
		while (this.#takers.first !== undefined) {
			const item = this.#take();
			if (item === undefined) {
				if (this.#ahead === 0 && (this.#source.isExhausted || this.#isOver) && !this.#source.isAsked) {
					this.#finish();
				}

				break;
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
		if (error !== undefined && !this.#isClosed) {
			const taker = this.#takers.shift();
			if (taker === undefined) {
				this.#outcomes.clear();
				this.#settle(Object.assign(this.#pulled(), {isFinal: true}), error, true);
				this.#stopWatching?.();
				return;
			}

			taker.reject(error);
		}

		this.#close();
	}

	#close() {
		this.#isClosed = true;
		this.#outcomes.clear();
		this.#stopWatching?.();
		for (const {resolve} of this.#takers.clear()) {
			resolve(over);
		}
	}

	/** Takes what waits for a slot out of the queue. */
	#cancel() {
		for (const {ticket} of this.#waiting.clear()) {
			this.gate.cancel(ticket);
			this.#ahead--;
		}
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
