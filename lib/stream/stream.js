'use strict';

// `stream`: results of a source that is pulled no faster than the results are read.
//
// An item is pulled (`source.js`), enqueued and run (`slot-items.js`, or `task-items.js` if an option applies to each
// item). It keeps its outcome until the consumer reads it.

const {isTask, publishRefused} = require('../call/call.js');
const {itemsFailed} = require('../common/errors.js');
const {TaskItems} = require('./task-items.js');
const {Fifo} = require('../common/fifo.js');
const {watchSignal} = require('../common/signals.js');
const {skip} = require('../common/skip.js');
const {ABORTED, CLEARED} = require('../gate/native.js');
const {outcomeOf} = require('../map/outcomes.js');
const {labelOf} = require('../map/runners.js');
const {isDropError} = require('../gate/shutdown.js');
const {Item} = require('./item.js');
const {Outcomes} = require('./outcomes.js');
const {SlotItems} = require('./slot-items.js');
const {Source} = require('./source.js');

const doneResult = {done: true, value: undefined};

/** All items are behind this place. */
const EACH = -1;

let resolvers;
const keepResolvers = (resolve, reject) => {
	resolvers = {resolve, reject};
};

class ResultStream {
	#gate;
	#request;
	#mapper;
	#items;
	#source;
	#highWaterMark;
	#stopOnError;
	/** Whether results come in the order of the items. */
	#isOrdered;
	/** Whether the outcomes of items are results as `Promise.allSettled` gives them. */
	#settles;
	/** Whether items that the mapper leaves out have an outcome, too. */
	#keepsSkipped;
	/** Gives the cost of an item, if items have costs of their own. */
	#costOf;
	#stopWatching = undefined;
	/** Tells how far the stream is, if somebody wants to know. */
	#progress = undefined;
	/** Rejects when the signal aborts, and ends waits for the source. Undefined without a signal. */
	#aborted = undefined;
	#rejectAborted = undefined;

	#outcomes;
	/** Calls of `next` that wait for an outcome. */
	#pendingReads = new Fifo();
	/** Failures of items that the stream leaves out, in the order that their results would have. */
	#failures = [];

	#index = 0;
	#isPulling = false;
	/** Whether a pulled item waits for room in a full lane. */
	#isWaitingForRoom = false;
	#hasStoppedPulling = false;
	#discardsOutcomes = false;
	/** Whether the gate tells the stream when it is closed. */
	#isListening = false;
	/** The error with which the stream ends without a wait for its source: the limit was drained. */
	#limitClosed = undefined;
	/** Whether reads get no more outcomes. */
	#isClosed = false;

	/** `begin` comes from `readAsyncIterable`. */
	constructor(gate, given, options, begin, mapper, streamOptions) {
		const {ordered, highWaterMark, settle, stopOnError, signal, cost, onProgress, keepsSkipped = false} = streamOptions;
		const request = gate.located(given);
		this.#gate = gate;
		this.#request = request;
		this.#mapper = mapper;
		this.#outcomes = new Outcomes(ordered);
		this.#isOrdered = ordered;
		this.#highWaterMark = highWaterMark;
		this.#stopOnError = stopOnError;
		this.#settles = settle;
		this.#keepsSkipped = keepsSkipped;
		this.#costOf = cost;
		if (onProgress !== undefined) {
			const {Progress} = require('../observe/progress.js');
			this.#progress = new Progress(streamOptions, streamOptions.total, error => this.#fail(error));
		}

		const onSettled = (item, value, isError, isDropped = false) => {
			this.#progress?.itemEnded(isError);
			this.#settleItem(item, value, isError, isDropped);
			this.#resolveReads();
		};
		this.#items =
			cost !== undefined || isTask({...options, signal: undefined})
				? new TaskItems(gate, request, options, mapper, onSettled)
				: new SlotItems(gate, request, mapper, onSettled);
		this.#source = new Source(begin, this);
		if (signal !== undefined) {
			this.#watch(signal);
		}
	}

	/** Ends the stream when the signal aborts, or at once if it has aborted or can't be watched. */
	#watch(signal) {
		this.#aborted = new Promise((_, reject) => {
			this.#rejectAborted = reject;
		});
		this.#aborted.catch(() => {});
		try {
			this.#stopWatching = watchSignal(signal, {
				dequeue: reason => this.#cancel(ABORTED, reason),
				abort: reason => this.#fail(reason),
			});
		} catch (error) {
			this.#abort(error);
		}
	}

	[Symbol.asyncIterator]() {
		return this;
	}

	next() {
		this.#gate.relocate(this.#request);
		const item = this.#nextOutcome();
		if (item !== undefined) {
			this.#pull();
			return item.isError ? this.#throw(item.value) : Promise.resolve({done: false, value: item.value});
		}

		if (this.#isClosed) {
			return Promise.resolve(doneResult);
		}

		const promise = new Promise(keepResolvers);
		this.#pendingReads.push(resolvers);
		resolvers = undefined;
		this.#pull();
		this.#resolveReads();
		return promise;
	}

	/** Has the gate tell when it is closed, once a read and the stream wait for the source. */
	#listen() {
		if (this.#isListening || !this.#source.isPending) {
			return;
		}

		this.#isListening = true;
		const closedGate = this.#closedGate;
		if (closedGate !== undefined) {
			this.onLimitClosed(closedGate.closed());
			return;
		}

		for (const {shutdown} of this.#gate.gatesOf(this.#request)) {
			shutdown.onClosed(this);
		}
	}

	/** The gate of a limit that was drained, if one was: of this limit, or of one behind it in a chain. */
	get #closedGate() {
		return this.#gate.gatesOf(this.#request).find(({isClosed}) => isClosed);
	}

	/** The consumer gets the outcomes of the items that were taken in, and then the error, without a wait for the source. */
	onLimitClosed(error) {
		if (this.#hasStoppedPulling || this.#source.hasEnded || this.#isWaitingForRoom) {
			return;
		}

		this.#hasStoppedPulling = true;
		this.#limitClosed = error;
		this.#source.close().catch(() => {});
		this.#endWith(this.#addItem(), error);
	}

	/** As in an async generator: resolves when the source is closed, and rejects if it can't be closed. */
	async return(value) {
		const closed = this.#isClosed ? this.#stop().catch(() => {}) : this.#stop(); // its error is reported once
		this.#close();
		this.#gate.startNext();
		await this.#unlessAborted(closed);
		return {done: true, value};
	}

	async throw(error) {
		await this.return().catch(() => {}); // its error would hide this one
		throw error;
	}

	#maxOutstanding() {
		const {concurrency} = this.#gate;
		const running = concurrency === Number.POSITIVE_INFINITY ? 0 : concurrency;
		// At least one: with concurrency 0 and `highWaterMark: 0` it would wait forever.
		return Math.max(1, running + (this.#highWaterMark ?? Math.min(running || 16, 1024)));
	}

	#mayPull() {
		const source = this.#source;
		return !(source.isPending || source.isExhausted || this.#isWaitingForRoom || this.#hasStoppedPulling);
	}

	#pull() {
		if (this.#isPulling || !this.#mayPull()) {
			return;
		}

		this.#isPulling = true;
		const max = this.#maxOutstanding();
		while (this.#outcomes.outstanding < max && this.#mayPull()) {
			this.#source.pull();
		}

		this.#isPulling = false;
	}

	onItem(value) {
		if (this.#hasStoppedPulling) {
			return; // the item is too late
		}

		const item = this.#addItem(value);
		if (this.#costOf === undefined || this.#readCost(item)) {
			this.#enqueue(item);
		}

		if (!this.#isPulling) {
			this.#pull();
		}
	}

	onEnd() {
		if (this.#progress !== undefined) {
			this.#progress.total = this.#index;
		}

		this.#resolveReadsUnlessPulling();
	}

	/** Puts the error in the place of the item. The consumer first gets the outcomes before it. */
	onSourceError(error) {
		this.#hasStoppedPulling = true;
		this.#endWith(this.#addItem(), error);
	}

	/** Has the user's function give the cost of an item. If it throws, that ends the stream as an error of the source does. */
	#readCost(item) {
		const {requestFor} = require('../map/item-costs.js');
		try {
			item.request = requestFor(this.#gate, this.#request, this.#costOf, item.value, item.index);
			return true;
		} catch (error) {
			this.#hasStoppedPulling = true;
			this.#source.close().catch(() => {});
			this.#endWith(item, error);
			return false;
		}
	}

	#addItem(value) {
		const item = new Item(value, this.#index++);
		this.#outcomes.pulled(item);
		return item;
	}

	#enqueue(item) {
		if (this.#gate.waitsForRoom && !this.#gate.hasRoom(this.#request)) {
			this.#waitForRoom(item);
			return;
		}

		try {
			this.#items.enqueue(item);
		} catch (error) {
			const refusal = this.#gate.refusalOf(error);
			if (refusal.code === 'ERR_QUEUE_FULL') {
				this.#gate.countRefused(this.#request.lane, -1);
				this.#waitForRoom(item);
			} else {
				this.#refuse(item, refusal);
			}
		}
	}

	/** Keeps an item until the lane has room. */
	async #waitForRoom(item) {
		this.#isWaitingForRoom = true;
		let refusal;
		try {
			await this.#gate.conditions.ready(this.#request);
		} catch (error) {
			refusal = error;
		}

		this.#isWaitingForRoom = false;
		if (this.#hasStoppedPulling) {
			return;
		}

		if (refusal === undefined) {
			this.#enqueue(item);
			this.#pull();
		} else {
			this.#gate.countRefused(this.#request.lane, 1); // Rust was not asked
			this.#refuse(item, refusal);
		}
	}

	/** Stops pulling, as the gate would refuse every item from now on. */
	#refuse(item, error) {
		const [request, mapper] = [this.#request, this.#mapper];
		publishRefused(this.#gate, request, () => labelOf({request, mapper}), error);
		this.#hasStoppedPulling = true;
		this.#source.close().catch(() => {});
		if (this.#stopOnError) {
			this.#endWith(item, error);
		} else {
			this.#settleItem(item, error, true);
			this.#resolveReadsUnlessPulling();
		}
	}

	/** Makes the error the last outcome. */
	#endWith(item, error) {
		item.endsStream = true;
		this.#settle(item, error, true);
		this.#resolveReadsUnlessPulling();
	}

	#resolveReadsUnlessPulling() {
		if (!this.#isPulling) {
			this.#resolveReads();
		}
	}

	/** Settles an item with the outcome of its mapper, or with the reason why it was dropped. */
	#settleItem(item, value, isError, isDropped) {
		if (isError && this.#stopOnError && this.#isDrained(value, isDropped)) {
			this.#endDrained(item, value);
		} else if (!isError && value === skip && !this.#keepsSkipped) {
			item.isSkipped = true;
			this.#settle(item, undefined, false);
		} else if (this.#settles) {
			this.#settle(item, outcomeOf(item.value, item.index, value, isError), false);
		} else if (isError && !this.#stopOnError) {
			this.#settle(item, {item: item.value, index: item.index, reason: value}, true);
		} else {
			this.#settle(item, value, isError);
		}
	}

	/** Whether an item that failed was dropped by a drain, while it waited for a slot. */
	#isDrained(error, isDropped) {
		return (isDropped || isDropError(error)) && this.#closedGate !== undefined;
	}

	/** Ends the stream behind the items that run: a drain has dropped those behind them. */
	#endDrained(item, reason) {
		if (!this.#hasStoppedPulling) {
			this.#hasStoppedPulling = true;
			this.#source.close().catch(() => {});
		}

		item.endsStream = true;
		this.#settle(item, reason, true);
	}

	#settle(item, value, isError) {
		if (this.#discardsOutcomes) {
			return;
		}

		item.value = value;
		item.isError = isError;
		item.isSettled = true;
		this.#outcomes.settled(item);
		if (isError && !item.endsStream && this.#stopOnError) {
			// The consumer gets the outcomes of the items before it first. It may have failed before those have begun.
			this.#stop(this.#isOrdered ? item.index : EACH).catch(() => {}); // its error would hide this one
		}
	}

	/** Removes and returns the next outcome to read, or undefined if it is not there yet. */
	#nextOutcome() {
		const outcomes = this.#outcomes;
		while (outcomes.isReady) {
			const item = outcomes.take();
			if (item.isSkipped) {
				continue;
			}

			if (item.endsStream && item.value === this.#limitClosed && this.#failures.length > 0) {
				item.value = itemsFailed(this.#failures, this.#index, [item.value]);
			}

			if (!item.isError || this.#stopOnError || item.endsStream) {
				return item;
			}

			this.#failures.push(item.value);
		}

		return undefined;
	}

	/** Resolves reads that wait, as far as there are outcomes. */
	#resolveReads() {
		while (this.#pendingReads.first !== undefined) {
			const item = this.#nextOutcome();
			if (item === undefined) {
				this.#pull();
				if (this.#outcomes.isReady) {
					continue; // the pulled item settled at once
				}

				if (this.#outcomes.outstanding === 0 && !this.#mayPull() && !this.#source.isPending) {
					this.#finish();
				} else {
					this.#listen();
				}

				return;
			}

			const {resolve, reject} = this.#pendingReads.shift();
			if (item.isError) {
				this.#throw(item.value).catch(reject);
			} else {
				resolve({done: false, value: item.value});
			}
		}

		this.#pull();
	}

	/** Closes the stream after the last result. If items failed, the next read rejects. */
	#finish() {
		if (this.#failures.length > 0) {
			this.#pendingReads.shift()?.reject(itemsFailed(this.#failures, this.#index));
		} else {
			this.#endProgress();
		}

		this.#close();
	}

	/** Ends the stream. Returns a promise that rejects with the error when the source is closed, as in a generator. */
	async #throw(error) {
		const closed = this.#stop().catch(() => {}); // its error would hide this one
		this.#close();
		if (this.#limitClosed === undefined) {
			await this.#unlessAborted(closed).catch(() => {});
		}

		throw error;
	}

	/** Returns a promise that settles as the given one does, or rejects before if the signal aborts. */
	#unlessAborted(closed) {
		return this.#aborted === undefined ? closed : Promise.race([closed, this.#aborted]);
	}

	#fail(error) {
		this.#abort(error);
		this.#gate.startNext();
	}

	/** Ends the stream at once. The first read that waits rejects with the reason, or else the next read. */
	#abort(reason) {
		this.#rejectAborted?.(reason);
		this.#stop().catch(() => {});
		const read = this.#pendingReads.shift();
		if (read === undefined && !this.#isClosed) {
			this.#outcomes.clear();
			this.#endWith(this.#addItem(), reason);
			this.#discardsOutcomes = true;
			this.#items.close(ABORTED, reason);
		} else {
			read?.reject(reason);
			this.#close(ABORTED, reason);
		}
	}

	/** Tells how far the stream is for the last time. If that fails, the read that waits rejects. */
	#endProgress() {
		try {
			this.#progress?.end();
		} catch (error) {
			this.#pendingReads.shift()?.reject(error);
		}
	}

	#close(cause = CLEARED, reason = undefined) {
		this.#progress?.endSoon();
		this.#isClosed = true;
		this.#discardsOutcomes = true;
		this.#items.close(cause, reason);
		this.#outcomes.clear();
		this.#stopWatchingOnceClosed();
		for (const {resolve} of this.#pendingReads.clear()) {
			resolve(doneResult);
		}
	}

	/** Removes the items behind a place that wait for a slot from the queue. */
	#cancel(cause, reason, behind = EACH) {
		this.#outcomes.cancelled(this.#items.cancel(cause, reason, behind));
	}

	/** Stops pulling and closes the source. Returns a promise that settles when the source is closed. */
	#stop(behind) {
		this.#hasStoppedPulling = true;
		this.#cancel(CLEARED, undefined, behind);
		return this.#source.close();
	}

	/** Until the source is closed, the signal can end the wait for it. */
	#stopWatchingOnceClosed() {
		const stop = this.#stopWatching;
		if (stop === undefined) {
			return;
		}

		if (this.#source.hasEnded) {
			stop();
		} else {
			this.#source.close().then(stop, stop);
		}
	}
}

module.exports = {ResultStream};
