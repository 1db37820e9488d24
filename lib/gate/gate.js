'use strict';

// The JS side of one limit's gate: which work waits under which ticket, and what to call when the work in a slot has
// ended. Rust decides which work is next.

const {queueMicrotask} = require('../common/environment.js');
const {refusalOf, callNative} = require('../common/errors.js');
const native = require('./native.js');
const {
	port,
	ONLINE,
	OFFLINE,
	IDLE,
	ATTEMPT,
	EACH_QUOTA,
	NO_SLOT,
	concurrencyOf,
	dropGate,
	enqueue,
	enqueueBatch,
	enqueueRequest,
	enterLine,
	isInLine,
	setConcurrency,
	fulfil,
	reject,
	followUp,
	isTimed,
	next,
	nextSlot,
	overload,
	roomIn,
} = native;

const {limitChanged} = require('../observe/channels.js');
const {leaseOf, noLease} = require('./lease.js');
const {Line} = require('./line.js');
const {deadlinesFinalizer, gateFinalizer} = require('./finalizers.js');
const {labelOf} = require('./labels.js');
const {isOverload} = require('./overload-errors.js');

const BOTH = [ONLINE, OFFLINE];

/** In place of a ticket: Rust has to be asked. */
const NO_TICKET = -1;

const CLOSED = {code: 'ERR_LIMIT_CLOSED', message: 'the limit takes no more calls: it was drained'};

/** The `scope` of `retry` that pauses nothing. */
const CALL = 0;

/** Arrays with an entry for each slot are at most that long at first. */
const FEW_SLOTS = 16;

/** How many slots' handlers, and how many entries for tickets and slots, an idle gate keeps. */
const IDLE_CAPACITY = 1024;

/** Is collected with its gate. The gate itself would live on, with all that it refers to, until a full collection. */
class Token {}

class Gate {
	/** By ticket: the call or batch. `begin(gate, slot)` starts a unit of it, `drop(reason)` drops all that waits. */
	waiting = [];

	/** By slot: the work there, from its grant until its end. */
	running;

	/** By slot: the functions to call when the work there has ended. */
	settleHandlers;

	/** The gate's `QueueConditions`, while a caller waits for one of them. */
	activeConditions = undefined;

	/** The concurrency, if only this gate can change it; `undefined` for adaptive and shared limits. */
	fixedConcurrency;

	/** Returns whether an error tells an adaptive limit that its concurrency is too high. */
	isOverload = undefined;

	/** The result of `followUp` if there is nothing more to do. */
	noFollowUp = 0;

	/** The limit that callers hold, once somebody may ask for it; see `limit/lane.js`. */
	limit = undefined;

	/** Whether subscribers are told of its calls. */
	publishes = true;

	/** What it may do without asking. */
	#lease;

	/** The calls that share a ticket. */
	#line = undefined;

	/** Not every limit needs the following, so they are loaded and created when first used. */
	#deadlines = undefined;
	#flights = undefined;
	#handles = undefined;
	#attempts = undefined;
	#isClosed = false;
	#conditions = undefined;
	#wakeTimer = undefined;
	#shutdown = undefined;

	#name;
	#token;

	/** Whether streams wait for room (`ready`) before they enter a lane: it lets them in, or drops others for them. */
	waitsForRoom = false;

	/** Drops work that has left a full lane; see `displaced.js`. Undefined if none ever does. */
	displaced = undefined;

	/** `handle` is the gate's number in Rust. */
	constructor({name, concurrency, adaptive, overflow}, handle) {
		this.handle = handle;
		const slots = Math.min(concurrency ?? FEW_SLOTS, FEW_SLOTS);
		this.running = new Array(slots);
		this.settleHandlers = new Array(slots);
		if (overflow !== undefined) {
			this.setOverflow(overflow);
		}

		this.fixedConcurrency = concurrency;
		this.#name = name;
		this.isOverload = adaptive && (adaptive.isOverload ?? isOverload);
		this.#lease = this.leases ? leaseOf(handle) : noLease;
		this.#token = new Token();
		gateFinalizer.register(this.#token, this.handle, name === undefined ? undefined : this.#token);
	}

	/**
	 * The calls of its environment. A file that is loaded later asks the gate for them: if the cache of modules was cleared
	 * meanwhile, it would require those of another copy, where other gates have the same numbers.
	 */
	get native() {
		return native;
	}

	/** Whether calls may go on without asking. */
	get leases() {
		return true;
	}

	/** What messages of calls say of the limit. */
	get origin() {
		return {limit: this.limit, name: this.#name};
	}

	/** Drops a gate with a name in Rust now, because nobody will use it. */
	discard() {
		gateFinalizer.unregister(this.#token);
		dropGate(this.handle);
	}

	/** Publishes a change of the limit. */
	changed(change, details) {
		if (limitChanged.hasSubscribers) {
			require('../observe/limit-changes.js').changed(this, change, details);
		}
	}

	/** Publishes what Rust has changed. Called when a call that publishes has settled. */
	noticeChanges() {
		if (limitChanged.hasSubscribers) {
			require('../observe/limit-changes.js').notice(this);
		}
	}

	get deadlines() {
		if (this.#deadlines === undefined) {
			const {Deadlines} = require('./deadlines.js');
			this.#deadlines = new Deadlines();
			deadlinesFinalizer.register(this, this.#deadlines);
		}

		return this.#deadlines;
	}

	/** By key: the calls of `once` that wait or run. */
	get flights() {
		this.#flights ??= new Map();
		return this.#flights;
	}

	/** By id: the handles of calls that wait or run. */
	get handles() {
		this.#handles ??= new (require('./handles.js').Handles)();
		return this.#handles;
	}

	get conditions() {
		this.#conditions ??= new (require('./queue-conditions.js').QueueConditions)(this);
		return this.#conditions;
	}

	/** Work that has failed and waits for its next attempt. */
	get attempts() {
		this.#attempts ??= new (require('./attempts.js').Attempts)(this);
		return this.#attempts;
	}

	/** What a drain ends, and who is told of it. */
	get shutdown() {
		this.#shutdown ??= new (require('./shutdown.js').Shutdown)(this);
		return this.#shutdown;
	}

	/** The error of what drains drop, once one has dropped what waits. */
	get dropReason() {
		return this.#shutdown?.dropReason;
	}

	/** Returns the slot of a call that runs now, or the complement of its ticket. Throws if the call is refused. */
	enqueue(request) {
		return request.isPlain ? enqueue(this.handle, request.lane) : enqueueRequest(this.handle, request);
	}

	/** Follows up `enqueue`, once the call is filed: others may start now, or the call waits for the end of a pause. */
	afterEnqueue() {
		const todo = followUp();
		if (todo !== this.noFollowUp) {
			this.follow(todo);
		}
	}

	/** Sets what happens to calls that come to a full lane. */
	setOverflow(overflow) {
		this.waitsForRoom = overflow !== 'reject';
		if (overflow.startsWith('drop')) {
			this.displaced = require('./displaced.js');
		}
	}

	/** Does what `followUp` asks for. */
	follow() {
		this.startNext();
	}

	/** Throws if a lane of this limit lets no calls of a weight in. */
	checkWeight(lane, weight) {
		if (weight > 1) {
			try {
				port.checkWeight(this.handle, lane, weight);
			} catch (error) {
				throw this.refusalOf(error);
			}
		}
	}

	/** Returns the ticket of a batch. Throws if the batch is refused. */
	enqueueBatch(request, units) {
		this.#renewLease();
		return enqueueBatch(this.handle, request, units);
	}

	/** Queues a call. `run` is called with its slot when it has one. Throws if the call is refused. */
	start(call, request, run) {
		const promise = turnOf(call, this, request).then(run);
		this.afterEnqueue();
		return promise;
	}

	/** Queues a call that no caller can cancel or move. Otherwise as `start`. */
	startPlain(call, request, run) {
		if (!request.isPlain || request.lane !== ONLINE || !this.leases) {
			return this.start(call, request, run);
		}

		if (this.#lease.takePlace()) {
			this.#line.add(call);
			return call.turn().then(run);
		}

		const slot = this.takeIdle();
		if (slot >= 0) {
			this.running[slot] = call;
			return Promise.resolve(slot).then(run);
		}

		const promise = this.#enterLine(call).then(run);
		this.afterEnqueue();
		return promise;
	}

	/** Returns a slot in which a plain call of the online lane may start without asking; negative if there is none. */
	takeIdle() {
		return this.#lease.takeIdle();
	}

	#enterLine(call) {
		this.#renewLease();
		const place = enterLine(this.handle);
		if (place >= 0) {
			this.running[place] = call;
			return Promise.resolve(place);
		}

		if (isInLine()) {
			this.#line ??= new Line();
			this.#line.push(this, ~place, call);
		} else {
			this.waiting[~place] = call;
		}

		return call.turn();
	}

	/** Takes the lease from the memory as it is now, if that has grown. */
	#renewLease() {
		if (this.#lease.isDetached) {
			this.#lease = leaseOf(this.handle);
		}
	}

	/** Returns the ticket of which the next unit gets a slot without asking; negative if there is none. */
	#takePass(slot) {
		return this.activeConditions === undefined ? this.#lease.takePass(slot) : NO_TICKET;
	}

	/** Makes a slot idle without asking, if that is allowed. */
	#makeIdle(slot) {
		if (this.activeConditions !== undefined || this.#isLarge() || !this.#lease.makeIdle(slot)) {
			return false;
		}

		this.running[slot] = undefined;
		return true;
	}

	/** Whether `trim` has memory to free, so that the end of the last call must be asked for. */
	#isLarge() {
		return this.waiting.length > IDLE_CAPACITY || this.running.length > IDLE_CAPACITY;
	}

	/** Returns the request of calls that are all made where the caller is now; see `nested-gate.js`. */
	located(request) {
		return request;
	}

	/** Changes a request of `located`: a task waits for its calls from now on, if the caller is inside of one. */
	relocate() {}

	/** Called when a caller in a lane waits for a flight of `once`. Throws if it would wait forever. */
	join() {}

	/** The same for a flight of a limit before this one, in a chain. */
	joinBefore() {}

	/** Called when a call comes here from a limit before this one, with the tasks that had joined it. */
	arrives() {}

	/** Runs a call in the slot that it got for `request`; in a chain, once it has a slot of the next limit, too. */
	run(slot, call, request) {
		const {next} = request; // see `limit/chain.js`
		return next === undefined ? call.run(slot) : next.run(slot, call, request, this);
	}

	/** Tells an adaptive limit that work in a slot has failed and is tried again there. */
	attemptFailed(slot, error) {
		if (this.isOverload !== undefined) {
			port.attemptFailed(this.handle, slot, this.#isOverload(error));
			this.activeConditions?.check();
		}
	}

	/**
	 * A server asked the work in a slot to wait for `duration` milliseconds. Pauses its lane, the limit or nothing, by the
	 * `scope` of `retry`.
	 */
	retryAfter(slot, duration, scope) {
		port.retryAfter(this.handle, slot, duration, scope);
		if (scope !== CALL) {
			this.changed('paused', {duration});
		}

		this.startNext();
	}

	/** Ends the work in a slot and starts the next work. */
	fulfilled(slot) {
		const ticket = this.#takePass(slot);
		if (ticket >= 0) {
			this.waiting[ticket].pass(this, slot);
		} else if (!this.#makeIdle(slot)) {
			this.#settled(fulfil(this.handle, slot), slot, followUp());
		}
	}

	/** Does the same for work that failed. `isOverload` is asked now, because now is the context of the call. */
	rejected(slot, error) {
		this.endRejected(slot, this.#isOverload(error));
	}

	endRejected(slot, isOverload) {
		const settle = isOverload ? overload : reject;
		this.#settled(settle(this.handle, slot), slot, followUp());
	}

	#isOverload(error) {
		try {
			return this.isOverload?.(error) === true;
		} catch {
			return false; // an error that `isOverload` throws is ignored
		}
	}

	/** Does the same for a unit of a batch. If the batch is next, its runner goes on in the same slot. */
	unitFulfilled(batch, runner) {
		const {slot} = runner;
		const passed = this.#takePass(slot);
		if (passed >= 0) {
			if (batch.ownsTicket(passed)) {
				batch.continueWith(passed, runner);
			} else {
				this.waiting[passed].pass(this, slot);
			}
		} else if (!this.#makeIdle(slot)) {
			const ticket = fulfil(this.handle, slot);
			const todo = followUp();
			if (todo !== this.noFollowUp || this.activeConditions !== undefined || !batch.ownsTicket(ticket)) {
				this.#settled(ticket, slot, todo);
			} else {
				batch.continueWith(ticket, runner);
			}
		}
	}

	#settled(ticket, slot, todo) {
		this.running[slot] = undefined;
		this.handOver(ticket, slot);
		if (todo !== this.noFollowUp) {
			this.follow(todo);
		} else {
			this.activeConditions?.check();
		}
	}

	/** Converts an error of Rust, or any `{code, message}`. The message then begins with the limit's name. */
	refusalOf(error) {
		// Rust also names a way to close a limit that JavaScript does not have.
		const worded = error.code === CLOSED.code && error instanceof Error ? CLOSED : error;
		return refusalOf(worded, this.#name === undefined ? '' : `limit '${this.#name}': `);
	}

	/** Starts the work of a ticket in a slot. A negative number is no ticket. */
	handOver(ticket, slot) {
		if (ticket >= 0) {
			const work = this.waiting[ticket];
			this.waiting[ticket] = undefined;
			work.begin(this, slot);
		} else if (ticket === IDLE) {
			this.trim();
		}
	}

	/** Starts all work that free slots allow, for example after the concurrency was raised. */
	startNext() {
		for (let ticket = next(this.handle); ticket >= 0 || ticket <= ATTEMPT; ticket = next(this.handle)) {
			if (ticket >= 0) {
				this.handOver(ticket, nextSlot());
			} else if (ticket === ATTEMPT) {
				this.attempts.begin(nextSlot());
			} else {
				this.displaced.dropDisplaced(this);
			}
		}

		if (isTimed()) {
			// `wakesIn` returns `Infinity` if no work waits, so the process may end then.
			this.#wakeTimer ??= new (require('./wake-timer.js').WakeTimer)(() => this.startNext());
			this.#wakeTimer.set(port.wakesIn(this.handle));
		} else {
			this.#wakeTimer?.clear();
		}

		this.activeConditions?.check();
	}

	/** Removes work that waits under a ticket from its queue. Call `startNext` after this. `cause`: see `native.js`. */
	cancel(ticket, work, cause) {
		if (this.waiting[ticket] === work) {
			this.waiting[ticket] = undefined;
			port.cancel(this.handle, ticket, cause);
		}
	}

	/** Counts that the work in a slot, which still runs, is given up. */
	givenUp(slot, cause) {
		port.givenUp(this.handle, slot, cause);
	}

	/** Counts calls that were refused without asking Rust, or (negative) whose callers wait for room instead. */
	countRefused(lane, calls) {
		port.correct(this.handle, lane, calls, 0);
	}

	/** Counts a call whose signal aborted before it came here. */
	countAborted(lane) {
		port.correct(this.handle, lane, 0, 1);
	}

	/** Moves work that waits under a ticket to a lane and priority, if it then starts earlier. */
	raise(ticket, {lane, priority}) {
		port.raise(this.handle, ticket, lane, priority);
		this.startNext();
	}

	/** Moves work that waits under a ticket, also if it then starts later. Throws if it could never run there. */
	reprioritise(ticket, {lane, priority}) {
		try {
			port.reprioritise(this.handle, ticket, lane, priority);
		} catch (error) {
			throw this.refusalOf(error);
		}

		this.startNext();
	}

	/** Lists what runs and waits, as numbers; see `limit/listing.js`. */
	rows() {
		return port.calls(this.handle);
	}

	get isPaused() {
		return port.isPaused(this.handle);
	}

	/** Starts no work until `resume`. */
	pause() {
		port.pause(this.handle);
		this.changed('paused');
		this.startNext();
	}

	/** Starts no work for `duration` milliseconds. */
	pauseFor(duration) {
		port.pauseFor(this.handle, duration);
		this.changed('paused', {duration});
		this.startNext();
	}

	/** Ends all pauses, or with `onlyHeld` only those that `pause` began. */
	resume({onlyHeld = false} = {}) {
		const wasPaused = limitChanged.hasSubscribers && this.isPaused;
		port.resume(this.handle, onlyHeld);
		if (wasPaused) {
			this.changed('resumed');
		}

		this.startNext();
	}

	hasRoom(request) {
		return this.roomIn(request) === 0;
	}

	/** Returns in how many milliseconds time alone makes room for such a call; `Infinity` if it does not. */
	roomIn(request, lender = NO_SLOT) {
		return roomIn(this.handle, request, lender);
	}

	/** Refuses all calls from now on. */
	close() {
		const wasOpen = limitChanged.hasSubscribers && !this.isClosed;
		port.close(this.handle);
		if (wasOpen) {
			this.changed('drained');
		}

		this.onClosed();
	}

	get isClosed() {
		return this.#isClosed;
	}

	/** Returns all gates that calls of a request take a slot of: this one, and those behind it in a chain. */
	gatesOf({next}) {
		return next === undefined ? [this] : [this, ...next.gate.gatesOf(next)];
	}

	onClosed() {
		this.#isClosed = true;
		this.activeConditions?.close(this.closed());
		this.#shutdown?.closed();
	}

	/** Sets the conditions that callers wait for; `undefined` if no caller waits. */
	setActiveConditions(conditions) {
		this.activeConditions = conditions;
	}

	/** Called after a check, if callers still wait for a condition. */
	stillWaiting() {}

	/** Returns the error of calls to a closed gate. `details` may have a `message` and a `cause`. */
	closed(details) {
		return this.refusalOf({...CLOSED, ...details});
	}

	/** Frees the memory of a long queue, or of many calls at once, when all calls have ended. */
	trim() {
		if (this.waiting.length > IDLE_CAPACITY) {
			this.waiting = [];
		}

		if (this.running.length > IDLE_CAPACITY) {
			this.running = [];
		}
	}

	/** Counts `active` or `pending` units in the lanes. */
	count(units, lanes = BOTH) {
		let total = 0;
		for (const lane of lanes) {
			total += units(this.handle, lane);
		}

		return total;
	}

	/** The work of this thread that runs in a lane. */
	runningIn(lane) {
		return [...port.slotsOf(this.handle, lane)].map(slot => this.running[slot]);
	}

	/** Drops the work that waits in the lanes. With a reason, its promises reject. `everywhere`: of all threads. */
	clear(lanes, reason, everywhere = false) {
		const dropped = [];
		for (const lane of lanes) {
			for (const ticket of port.clear(this.handle, lane, everywhere)) {
				dropped.push(this.waiting[ticket]);
				this.waiting[ticket] = undefined;
			}
		}

		// Last, because `drop` may remove other work, too.
		for (const work of dropped) {
			work.drop(reason);
		}

		this.startNext();
	}

	get concurrency() {
		return this.fixedConcurrency ?? concurrencyOf(this.handle);
	}

	set concurrency(concurrency) {
		callNative(setConcurrency, this.handle, concurrency);
		if (this.fixedConcurrency !== undefined) {
			this.fixedConcurrency = concurrency;
		}

		this.changed('concurrency', {concurrency});

		queueMicrotask(() => {
			this.startNext();
		});
	}

	/** `undefined` if the limit was made without a rate. Such a limit can't be given one. */
	get rate() {
		return require('./quotas.js').rateOf(this);
	}

	/** A rate, or `{quotas}`: some of those with names. */
	set rate(rate) {
		require('./quotas.js').setRate(this, rate);
		this.changed('rate', {rate: this.rate});
		this.startNext();
	}

	/** Takes a cost from the rate, or costs from quotas. A negative cost is given back. */
	charge(cost) {
		if (typeof cost === 'object') {
			require('./quotas.js').charge(this, cost);
		} else {
			port.charge(this.handle, cost);
		}

		this.startNext();
	}

	/** The work in a slot has sent nothing: what it took of the rate is given back. The end of the work, or `startNext`, follows. */
	unsent(slot) {
		port.spent(this.handle, slot, EACH_QUOTA, 0);
	}

	stats() {
		return this.#completed(port.stats(this.handle));
	}

	/** The same with histograms, as plain data. */
	snapshot() {
		const {snapshotOf} = require('../observe/snapshot.js');
		const {stats, histograms} = port.snapshot(this.handle);
		return snapshotOf(this.#completed(stats), histograms, this.#name);
	}

	/** Adds to the numbers of Rust what only this side knows. */
	#completed(stats) {
		for (const lane of [stats.online, stats.offline]) {
			if (lane.oldest !== undefined) {
				const {age, slot} = lane.oldest;
				// A call of another thread has no label here.
				lane.oldest = slot === undefined ? {age} : {age, label: labelOf(this.running[slot])};
			}
		}

		const completed = {...stats, abandoned: this.#shutdown?.abandoned.size ?? 0};
		return stats.quotas === undefined ? completed : require('./quotas.js').withRates(completed);
	}
}

let resolveTurn;
const captureResolve = resolve => {
	resolveTurn = resolve;
};

/** Queues a call and returns its turn: a promise of its slot. */
const turnOf = (call, gate, request) => {
	const place = gate.enqueue(request);
	if (place >= 0) {
		gate.running[place] = call;
		return Promise.resolve(place);
	}

	const turn = new Promise(captureResolve);
	call.queued(~place, resolveTurn);
	resolveTurn = undefined;
	gate.waiting[~place] = call;
	return turn;
};

/** The functions to call when the work in a slot has ended. */
class SettleHandlers {
	#gate;
	#slot;
	#ofTask = undefined;

	constructor(gate, slot) {
		this.#gate = gate;
		this.#slot = slot;
		this.fulfilled = () => {
			gate.fulfilled(slot);
		};
		this.rejected = error => {
			gate.rejected(slot, error);
		};
	}

	/** The same for work that is told of its end, and then calls one of the above. */
	get ofTask() {
		this.#ofTask ??= {
			fulfilled: value => {
				this.#gate.running[this.#slot].fulfilled(value, this);
			},
			rejected: error => {
				this.#gate.running[this.#slot].rejected(error, this);
			},
		};
		return this.#ofTask;
	}
}

/** Creates the handlers of a slot. */
const settleHandlersOf = (gate, slot) => {
	const handlers = new SettleHandlers(gate, slot);
	if (slot < IDLE_CAPACITY) {
		gate.settleHandlers[slot] = handlers;
	}

	return handlers;
};

module.exports = {Gate, settleHandlersOf, BOTH};
