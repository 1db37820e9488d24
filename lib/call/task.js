'use strict';

// A call with a signal, timeouts or retries. It can be abandoned while it waits or runs.
//
// Abandoning a task rejects its promise at once. A slot that it holds is given back only when its work has ended, so
// the limit is never exceeded. The option `releaseSlot` gives it back at the timeout, for work that may never end.

const {CallAttempts} = require('./context.js');
const {RetryLoop} = require('./retry-loop.js');
const {isUnsent} = require('./unsent-errors.js');
const {Deadline} = require('../gate/deadlines.js');
const {ABORTED, CLEARED, TIMED_OUT} = require('../gate/native.js');
const {labelled, nameOf, timedOut} = require('../common/errors.js');
const {isPrimitive, watch} = require('../common/promises.js');
const {addWatcher, removeWatcher} = require('../common/signals.js');

/** In place of a ticket: the task has none; the task was taken out of the queue; from this number down, it has a slot. */
const NO_TICKET = -1;
const CANCELLED = -2;
const IN_SLOT = -3;

let resolvers;
const keepResolvers = (resolve, reject) => {
	resolvers = {resolve, reject};
};

/** What few tasks have, apart from the task: a long queue is slow by the size of its tasks. */
class Rare {
	/** `{reason, cause}`, once the task has been abandoned. `cause`: see `gate/native.js`. */
	abandoned = undefined;
	retryLoop = undefined;
	/** Its attempts, if its function is told of them or may take only so long. */
	attempts = undefined;
	/** Rejects the promise that stands for the work, if the slot may be released before the work has ended. */
	release = undefined;
	/** The same call in the next limit of a chain, if there is one; see `limit/chain.js`. */
	nextCall = undefined;
	/** What the call publishes; see `observe/trace.js`. Undefined if no subscriber was there when it was made. */
	trace = undefined;
}

const none = Object.freeze(new Rare());

/** A task is its own deadline: first of its wait, then of its run. */
class Task extends Deadline {
	/**
	 * The ticket that the task waits under; negative if it does not wait. While it runs, its slot is `IN_SLOT - ticket`: a
	 * field more for that would make a long queue slower.
	 */
	ticket = NO_TICKET;

	/** Its place among the watchers of its signal. */
	watchIndex = 0;

	/**
	 * While the task waits: resolves its turn, with a slot or with `{reason}` if it will get none. While the task runs and
	 * can be abandoned: `{resolve, reject}` of its promise.
	 */
	#settle = undefined;
	#gate;
	#options;
	#fn;
	#args;
	#rare = none;

	constructor(gate, options, fn, args) {
		super();
		this.#gate = gate;
		this.#options = options;
		this.#fn = fn;
		this.#args = args;
	}

	/** Called when the task has to wait under a ticket. */
	queued(ticket, resolveTurn) {
		this.ticket = ticket;
		this.#settle = resolveTurn;
		this.startQueueTimeout();
	}

	/** Returns the place for what few tasks have. */
	#ownRare() {
		if (this.#rare === none) {
			this.#rare = new Rare();
		}

		return this.#rare;
	}

	/** From now on the task publishes what happens to it. Returns the trace. */
	traceIn(lane) {
		const {Trace} = require('../observe/trace.js');
		this.#ownRare().trace = new Trace(this.#gate, lane, this.label, this.outerTrace);
		return this.trace;
	}

	get trace() {
		return this.#rare.trace;
	}

	/** The trace of the same call in the limit before this one, in a chain. */
	get outerTrace() {
		return undefined;
	}

	/** From now on the wait counts. */
	startQueueTimeout() {
		const {queueTimeout} = this.#options;
		if (queueTimeout !== undefined) {
			this.#gate.deadlines.add(this, queueTimeout);
		}
	}

	/** Called when the task, which has a slot, waits in the next limit, too. What ends its wait here ends it there. */
	queuedInNext(task, slot) {
		this.#ownRare().nextCall = task;
		this.ticket = IN_SLOT - slot;
	}

	/** Returns the same call in a limit behind this one, in a chain; `undefined` if it has not come there. */
	nextIn(gate) {
		const next = this.#rare.nextCall;
		return next === undefined || next.#gate === gate ? next : next.nextIn(gate);
	}

	/** Milliseconds; `undefined` if the task may wait forever. */
	get queueTimeout() {
		return this.#options.queueTimeout;
	}

	/** Called before the task is queued. Throws if the signal has aborted, or can't be watched. */
	watchSignal() {
		const {signal} = this.#options;
		if (signal !== undefined) {
			addWatcher(signal, this);
		}
	}

	/** Takes the task out of the queue, if it waits. Called before `abort` when the signal aborts. */
	dequeue(reason, cause = ABORTED) {
		if (this.ticket >= 0) {
			this.#gate.cancel(this.ticket, this, cause);
			this.ticket = CANCELLED;
		}

		this.#rare.nextCall?.dequeue(reason, cause);
	}

	abort(reason, cause = ABORTED) {
		this.#abandon(reason, cause);
		this.#gate.startNext();
	}

	begin(gate, slot) {
		this.ticket = NO_TICKET;
		gate.deadlines.remove(this);
		gate.running[slot] = this;
		const resolveTurn = this.#settle;
		this.#settle = undefined;
		resolveTurn(slot);
	}

	/** Called when the task is cleared. Without a reason, its promise stays pending. */
	drop(reason) {
		this.ticket = NO_TICKET;
		this.ended();
		this.trace?.settled('cleared', reason);
		const resolveTurn = this.#settle;
		this.#settle = undefined;
		if (reason !== undefined) {
			resolveTurn({reason});
		}
	}

	/** Moves the task to the `{lane, priority}` of a caller that joined it, if it waits. */
	raise(place) {
		if (this.ticket >= 0) {
			this.#gate.raise(this.ticket, place);
		}

		this.#rare.nextCall?.raise(place);
	}

	/** Moves the task to a `{lane, priority}` if it waits, whether it then starts earlier or later. */
	reprioritise(place) {
		if (this.ticket >= 0) {
			this.#gate.reprioritise(this.ticket, place);
		}

		this.#rare.nextCall?.reprioritise(place);
	}

	run(slot) {
		this.ticket = IN_SLOT - slot;
		if (this.#rare.abandoned !== undefined) {
			this.#gate.givenUp(slot, this.#rare.abandoned.cause);
			this.#gate.unsent(slot);
			throw this.#rare.abandoned.reason;
		}

		return this.trace === undefined ? this.#runIn(slot) : this.trace.run(() => this.#runIn(slot));
	}

	#runIn(slot) {
		const {timeout, retry, releaseSlot} = this.#options;
		if (timeout !== undefined) {
			this.#gate.deadlines.add(this, timeout);
		}

		let result = retry === undefined ? this.attempt() : this.#runRetries(slot, retry);
		if (isPrimitive(result)) {
			return result;
		}

		if (this.isEndable) {
			result = this.#endable(result);
		}

		return releaseSlot ? this.#releasable(result, timeout) : result;
	}

	#runRetries(slot, retry) {
		this.#ownRare().retryLoop = new RetryLoop(this, this.#gate, slot, retry);
		return this.#rare.retryLoop.run();
	}

	/** Calls the function once. */
	attempt() {
		const {context, attemptTimeout} = this.#options;
		if (!context && attemptTimeout === undefined) {
			return this.#fn(...this.#args);
		}

		const rare = this.#ownRare();
		rare.attempts ??= new CallAttempts(this, this.#gate, this.#options);
		return rare.attempts.run(given =>
			context ? this.#fn(...this.argumentsWith(given, this.#args)) : this.#fn(...this.#args),
		);
	}

	/** Returns the arguments of a function that also gets its context. */
	argumentsWith(context, args) {
		return [context, ...args];
	}

	/** Whether another attempt may follow the one that runs. */
	get mayTryAgain() {
		const {abandoned, retryLoop} = this.#rare;
		return abandoned === undefined && retryLoop !== undefined && retryLoop.mayTryAgain;
	}

	/** Returns the error of a task whose last attempt has failed with `error`. */
	finalError(error) {
		const {aborted} = this.#rare.retryLoop ?? {};
		return aborted === undefined ? error : aborted.reason;
	}

	/** Whether a drain can tell the work to end. */
	get isEndable() {
		const {context, retry} = this.#options;
		return context || retry !== undefined;
	}

	/** Lets a drain tell the work to end, until it has. */
	#endable(result) {
		const ended = () => this.#notEndable();
		for (const {gate} of this.placesIn()) {
			gate.shutdown.add(this);
		}

		return watch(result, ended, ended);
	}

	#notEndable() {
		for (const {gate} of this.placesIn()) {
			gate.shutdown.remove(this);
		}
	}

	/** Ends the wait for the next attempt. The call rejects with its last error. */
	endRetries() {
		this.#rare.retryLoop?.stop();
	}

	/** Aborts the signal that the function was given, if it was. The call settles as its function does. */
	interrupt(reason) {
		this.#rare.attempts?.interrupt(reason);
	}

	/**
	 * Returns a promise that stands for the work: it rejects at the timeout, and then the slot is given back as for work
	 * that has ended. What the function comes to later is ignored.
	 */
	#releasable(result, timeout) {
		if (this.#rare.abandoned !== undefined && timeout !== undefined) {
			this.#gate.deadlines.add(this, timeout); // the function aborted the signal, which removed the deadline
		}

		return new Promise((resolve, reject) => {
			const {abandoned} = this.#gate.shutdown;
			let entry;
			const settled = settle => value => {
				this.#ownRare().release = undefined;
				this.#gate.deadlines.remove(this);
				abandoned.delete(entry);
				settle(value);
			};
			this.#ownRare().release = (reason, label) => {
				this.#ownRare().release = undefined;
				this.#rare.attempts?.stop();
				entry = {label}; // not the task: it may stay for ever
				abandoned.add(entry);
				this.#notEndable();
				reject(reason);
			};
			watch(result, settled(resolve), settled(reject));
		});
	}

	/** Called when the attempt that runs says what it has really cost. */
	spent(cost) {
		const slot = IN_SLOT - this.ticket;
		if (slot >= 0 && this.#gate.running[slot] === this) {
			require('../gate/quotas.js').spent(this.placesIn(slot), cost);
		}
	}

	/** Whether an error of its function may say that nothing was sent. What it has said itself counts more. */
	get givesBack() {
		return this.#options.context && this.#rare.attempts?.hasSettled !== true;
	}

	/** An attempt in a slot has failed with an error, and may have sent nothing. Returns whether it says so. */
	#mayBeUnsent(slot, error) {
		const gaveBack = this.givesBack && slot >= 0 && isUnsent(error);
		if (gaveBack) {
			this.#gate.unsent(slot);
		}

		return gaveBack;
	}

	/** Called when an attempt in a slot has failed, and another one follows after `delay` milliseconds. */
	attemptFailed(slot, error, attempt, delay) {
		const gaveBack = this.#mayBeUnsent(slot, error);
		this.#gate.attemptFailed(slot, error);
		if (gaveBack) {
			this.#gate.startNext(); // its slot stays taken: no end of work follows
		}

		this.trace?.retried(error, attempt, delay);
		this.#rare.nextCall?.outerAttemptFailed(error, attempt, delay);
	}

	/** Whether the work, which has not ended, has its slot: it may have been released at the timeout. */
	get holdsSlot() {
		return !this.#options.releaseSlot || this.#rare.release !== undefined;
	}

	/** The slot that its work runs in; negative if it has none. */
	get heldSlot() {
		const slot = IN_SLOT - this.ticket;
		return slot >= 0 && this.holdsSlot && this.#gate.running[slot] === this ? slot : NO_TICKET;
	}

	/** Returns where a task in a slot runs, and an attempt has to ask whether it may begin: in each limit of a chain. */
	placesIn(slot) {
		const place = {gate: this.#gate, slot};
		return this.#rare.nextCall === undefined ? [place] : [place, ...this.#rare.nextCall.places];
	}

	/** Returns the error if a server asked for a longer wait than `maxRetryAfter`. */
	askedTooMuch(cause, asked, most) {
		const message = `${labelled('the task', this.label)} was asked to wait for ${asked} ms, and \`retry.maxRetryAfter\` is ${most}`;
		const error = this.#gate.refusalOf({code: 'ERR_RETRY_AFTER', message, cause});
		error.retryAfter = asked;
		return error;
	}

	/** Whether it has a handle, by which it can be abandoned at any time. */
	get isHeld() {
		return false;
	}

	/** Returns a promise of the result of `run`. It rejects at once if the task is abandoned. */
	follow(result, ends) {
		const {signal, timeout, attemptTimeout} = this.#options;
		if (signal === undefined && timeout === undefined && attemptTimeout === undefined && !this.isHeld) {
			const {fulfilled, rejected} = this.trace?.follow(ends) ?? ends;
			return watch(result, fulfilled, this.givesBack ? this.#givingBack(rejected) : rejected);
		}

		const promise = new Promise(keepResolvers);
		this.#settle = resolvers;
		resolvers = undefined;
		if (this.#rare.abandoned !== undefined) {
			this.#settle.reject(this.#rare.abandoned.reason); // `run` aborted the signal
		}

		const {fulfilled, rejected} = ends.ofTask;
		watch(result, fulfilled, rejected);
		return promise;
	}

	/** Returns the same handler of the end of the work, which also gives back what an error says was not sent. */
	#givingBack(rejected) {
		const slot = IN_SLOT - this.ticket;
		return error => {
			this.#mayBeUnsent(slot, error);
			rejected(error);
		};
	}

	/** The work has ended; `ends` are the handlers of its slot. */
	fulfilled(value, ends) {
		this.reportFulfilled(ends);
		this.ended();
		this.trace?.settled('fulfilled');
		const {resolve} = this.#settle;
		this.#settle = undefined; // a task in old memory would keep it until that is collected
		resolve(value);
	}

	rejected(error, ends) {
		this.reportRejected(ends, error);
		this.ended();
		this.trace?.settled('rejected', error);
		const {reject} = this.#settle;
		this.#settle = undefined;
		reject(error);
	}

	/** Work that fulfilled after its `timeout` counts as failed, so that an adaptive limit learns from it. */
	reportFulfilled({fulfilled, rejected}) {
		this.ticket = NO_TICKET;
		if (this.#rare.abandoned?.cause === TIMED_OUT) {
			rejected(this.#rare.abandoned.reason);
		} else {
			fulfilled();
		}
	}

	/** If the task was abandoned, its reason counts and not the error. */
	reportRejected({rejected}, error) {
		this.#mayBeUnsent(IN_SLOT - this.ticket, error);
		this.ticket = NO_TICKET;
		rejected(this.#rare.abandoned?.reason ?? error);
	}

	value(result) {
		this.ticket = NO_TICKET;
		this.ended();
		if (this.#rare.abandoned !== undefined) {
			throw this.#rare.abandoned.reason;
		}

		this.trace?.settled('fulfilled');
		return result;
	}

	threw(error) {
		this.#mayBeUnsent(IN_SLOT - this.ticket, error);
		this.ended();
		this.trace?.settled('rejected', error);
	}

	/** Called when the task was taken out of the queue, and nobody waits for its outcome. */
	left(cause, reason) {
		this.ended();
		this.trace?.gaveUp(cause, reason);
	}

	/** Called when the task can't be abandoned any more. */
	ended() {
		const {signal} = this.#options;
		// A task that its signal has abandoned still has to release its slot at the timeout.
		if (this.#rare.release === undefined) {
			this.#gate.deadlines.remove(this);
			this.#rare.attempts?.stop();
		}

		if (signal !== undefined) {
			removeWatcher(signal, this);
		}
	}

	onDue() {
		const {queueTimeout, timeout} = this.#options;
		const name = this.label;
		if (this.ticket >= 0) {
			this.dequeue(undefined, TIMED_OUT);
			this.#abandon(
				this.timeoutError({
					code: 'ERR_QUEUE_TIMEOUT',
					message: `${labelled('the call', name)} timed out after ${queueTimeout} ms in the queue`,
				}),
				TIMED_OUT,
			);
			this.#gate.startNext();
		} else {
			const failure = this.#rare.retryLoop?.lastFailure; // the reason why it took that long
			this.ranTooLong(
				this.timeoutError({code: 'ERR_TASK_TIMEOUT', message: timedOut(timeout, name), ...failure}),
				name,
			);
		}
	}

	/** The task, which runs, has taken too long. */
	ranTooLong(error, name = this.label) {
		const release = this.#rare.release;
		if (this.#rare.abandoned === undefined) {
			this.#abandon(error, TIMED_OUT);
		}

		release?.(error, name);
	}

	/** Names the task in errors and `stats()`. Reading it may run code of the user. */
	get label() {
		return this.#options.label ?? nameOf(this.#fn);
	}

	/** Returns the error of a timeout, given as `{code, message}`, with a `cause` if it has one. */
	timeoutError(error) {
		return this.#gate.refusalOf(error);
	}

	#abandon(reason, cause) {
		const isFirst = this.#rare.abandoned === undefined;
		this.#ownRare().abandoned = {reason, cause};
		const slot = IN_SLOT - this.ticket; // negative if it has none
		// Its work may have ended: `follow` is not told of that if nothing can end the task.
		if (isFirst && cause !== CLEARED && this.#gate.running[slot] === this) {
			this.#gate.givenUp(slot, cause);
		}

		this.trace?.gaveUp(cause, reason, this.ticket === CANCELLED);
		this.ended();
		// Between the grant and `run` there is no `#settle`: `run` throws the reason.
		if (this.ticket === CANCELLED) {
			this.#settle?.(this.#rare.abandoned);
		} else {
			this.#settle?.reject(reason);
		}

		this.#rare.nextCall?.abort(reason, cause);
		this.#rare.retryLoop?.giveUp();
		this.interrupt(reason); // last: it runs code of the user
	}
}

module.exports = {Task};
