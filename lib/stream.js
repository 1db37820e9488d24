'use strict';

// `stream`: results of a source that is pulled no faster than they are taken. `transform`: the same in a pipeline.

const {AsyncResource} = require('node:async_hooks');
const {isPrimitive, resolved, watch} = require('./promises.js');

const over = {done: true, value: undefined};

/** An item that has been pulled, until it has a result. */
class Item {
	/** The ticket that it waits under. */
	ticket = -1;

	constructor(streaming, value, index) {
		this.streaming = streaming;
		this.value = value;
		this.index = index;
	}

	begin(_, slot) {
		this.streaming.beginSoon(this, slot);
	}

	drop(reason) {
		this.streaming.dropped(this, reason);
	}
}

class Streaming {
	#gate;
	#asked;
	#mapper;
	#iterator;
	#isOrdered;
	#highWaterMark;
	#stopOnError;
	#stopWatching;
	#resource = new AsyncResource('p-lanes.stream');

	/** Outcomes that have not been taken: by index from the first of them on, or as they came. */
	#outcomes = [];
	#first = 0;
	/** Who waits for an outcome. */
	#takers = [];
	/** Items that wait for a slot. */
	#waiting = new Set();
	#errors = [];

	#index = 0;
	/** Items pulled whose results have not been taken. */
	#ahead = 0;
	#isPulling = false;
	/** The source was asked for an item and has not given it yet. */
	#isAsked = false;
	/** The source gives no more, and need not be told to stop. */
	#isExhausted = false;
	/** Nothing more is pulled. */
	#isOver = false;
	/** Nothing more is given out. */
	#isClosed = false;

	constructor(gate, asked, source, mapper, {ordered, highWaterMark, stopOnError, signal}) {
		this.#gate = gate;
		this.#asked = asked;
		this.#mapper = mapper;
		this.#isOrdered = ordered;
		this.#highWaterMark = highWaterMark;
		this.#stopOnError = stopOnError;
		this.#iterator = source[Symbol.asyncIterator]?.() ?? source[Symbol.iterator]();
		this.#stopWatching =
			signal &&
			gate.signals.watch(signal, {
				drop: () => this.#cancel(),
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
		const outcome = this.#take();
		if (outcome !== undefined) {
			this.#pull();
			return 'error' in outcome ? this.#throw(outcome.error) : Promise.resolve({done: false, value: outcome.value});
		}

		if (this.#isClosed) {
			return Promise.resolve(over);
		}

		return new Promise((resolve, reject) => {
			this.#takers.push({resolve, reject});
			this.#pull();
			this.#serve();
		});
	}

	async return(value) {
		const took = this.#stop();
		this.#close();
		this.#gate.startNext();
		await took;
		return {done: true, value};
	}

	async throw(error) {
		await this.return();
		throw error;
	}

	get #mostAhead() {
		const {concurrency} = this.#gate;
		const running = concurrency === Number.POSITIVE_INFINITY ? 0 : concurrency;
		return running + (this.#highWaterMark ?? Math.min(running || 16, 1024));
	}

	#pull() {
		if (this.#isPulling) {
			return;
		}

		this.#isPulling = true;
		while (!(this.#isAsked || this.#isExhausted || this.#isOver) && this.#ahead < this.#mostAhead) {
			this.#ask();
		}

		this.#isPulling = false;
	}

	#ask() {
		this.#isExhausted = true; // also if this throws
		let answer;
		try {
			answer = this.#iterator.next();
			if (typeof answer?.then !== 'function') {
				const {done, value} = answer;
				if (isPrimitive(value) || typeof value.then !== 'function') {
					this.#answered(done, value);
					return;
				}

				answer = value.then(settled => ({done, value: settled}));
			}
		} catch (error) {
			this.#sourceFailed(error);
			return;
		}

		this.#isAsked = true;
		answer.then(
			({done, value}) => {
				this.#isAsked = false;
				this.#answered(done, value);
				this.#pull();
				this.#serve();
			},
			error => {
				this.#isAsked = false;
				this.#sourceFailed(error);
				this.#serve();
			},
		);
	}

	#answered(done, value) {
		if (done) {
			return;
		}

		this.#isExhausted = false;
		if (this.#isOver) {
			return; // it came too late
		}

		this.#ahead++;
		this.#enqueue(new Item(this, value, this.#index++));
	}

	#enqueue(item) {
		const gate = this.#gate;
		let place;
		try {
			place = gate.enqueue(this.#asked);
		} catch (error) {
			this.#put(item.index, {error: gate.refusalOf(error)});
			return;
		}

		if (place >= 0) {
			this.#begin(item, place);
		} else {
			item.ticket = ~place;
			this.#waiting.add(item);
			gate.waiting[item.ticket] = item;
		}
	}

	beginSoon(item, slot) {
		this.#waiting.delete(item);
		resolved.then(() => {
			this.#begin(item, slot);
			this.#serve();
		});
	}

	dropped(item, reason = AbortSignal.abort().reason) {
		this.#waiting.delete(item);
		this.#put(item.index, {error: reason});
		this.#serve();
	}

	#begin(item, slot) {
		const gate = this.#gate;
		if (this.#isClosed) {
			gate.fulfilled(slot);
			return;
		}

		const {index} = item;
		const run = () => this.#mapper(item.value, index);
		let result;
		try {
			result = this.#resource.runInAsyncScope(() => gate.run(slot, {run}));
		} catch (error) {
			gate.rejected(slot);
			this.#put(index, {error});
			return;
		}

		if (isPrimitive(result)) {
			gate.fulfilled(slot);
			this.#put(index, {value: result});
			return;
		}

		watch(
			result,
			value => {
				gate.fulfilled(slot);
				this.#put(index, {value});
				this.#serve();
			},
			error => {
				gate.rejected(slot);
				this.#put(index, {error});
				this.#serve();
			},
		);
	}

	#put(index, outcome) {
		if ('error' in outcome) {
			if (this.#stopOnError) {
				this.#stop().catch(() => {}); // it would hide this error
			} else {
				this.#errors.push(outcome.error);
			}
		}

		if (this.#isOrdered) {
			this.#outcomes[index - this.#first] = outcome;
		} else {
			this.#outcomes.push(outcome);
		}
	}

	/** In the place of the item: what came before it is given out. */
	#sourceFailed(error) {
		this.#isOver = true;
		this.#ahead++;
		this.#put(this.#index++, {error, isOfSource: true});
	}

	/** The next outcome to give out, if it is there. */
	#take() {
		for (let outcome = this.#outcomes[0]; outcome !== undefined; outcome = this.#outcomes[0]) {
			this.#outcomes.shift();
			this.#first++;
			this.#ahead--;
			if (!('error' in outcome) || this.#stopOnError || outcome.isOfSource) {
				return outcome;
			}
		}

		return undefined;
	}

	/** Gives those who wait what there is. */
	#serve() {
		while (this.#takers.length > 0) {
			const outcome = this.#take();
			if (outcome === undefined) {
				if (this.#ahead === 0 && (this.#isExhausted || this.#isOver) && !this.#isAsked) {
					this.#finish();
				}

				break;
			}

			const {resolve, reject} = this.#takers.shift();
			if ('error' in outcome) {
				this.#throw(outcome.error).catch(reject);
			} else {
				resolve({done: false, value: outcome.value});
			}
		}

		this.#pull();
	}

	/** All results have been taken. */
	#finish() {
		if (this.#errors.length > 0 && this.#takers.length > 0) {
			const {reject} = this.#takers.shift();
			reject(new AggregateError(this.#errors, `${this.#errors.length} items failed`));
		}

		this.#close();
	}

	#throw(error) {
		this.#fail();
		return Promise.reject(error);
	}

	/** Ends it; who waits is told the error, if there is one. */
	#fail(error) {
		this.#stop().catch(() => {});
		if (error !== undefined && !this.#isClosed) {
			const taker = this.#takers.shift();
			if (taker === undefined) {
				this.#outcomes = [];
				this.#outcomes[0] = {error, isOfSource: true};
				this.#isOver = true;
				this.#stopWatching?.();
				return;
			}

			taker.reject(error);
		}

		this.#close();
	}

	#close() {
		this.#isClosed = true;
		this.#outcomes = [];
		this.#stopWatching?.();
		for (const {resolve} of this.#takers.splice(0)) {
			resolve(over);
		}
	}

	/** Takes what waits for a slot out of the queue. */
	#cancel() {
		for (const {ticket, index} of this.#waiting) {
			this.#gate.cancel(ticket);
			if (index >= this.#first) {
				this.#ahead--;
			}
		}

		this.#waiting.clear();
	}

	/** Pulls no more, and tells the source. */
	async #stop() {
		if (this.#isOver) {
			return;
		}

		this.#isOver = true;
		this.#cancel();
		if (this.#isAsked) {
			// It may take long, or for ever, until it hears of this.
			Promise.resolve(this.#iterator.return?.()).catch(() => {});
		} else if (!this.#isExhausted) {
			this.#isExhausted = true;
			await this.#iterator.return?.();
		}
	}
}

module.exports = {Streaming};
