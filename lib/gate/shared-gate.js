'use strict';

// A limit that all threads of the process share by its name. Each thread has a handle of it (`src/limiter/shared/`).
// What another thread does for this one comes as a message.

const {Gate} = require('./gate.js');
const {warnOfOtherVersions} = require('../binding/copies.js');
const {outside} = require('../common/context.js');
const {abortError, nextTick, queueMicrotask} = require('../common/environment.js');
const {invalid, callNative} = require('../common/errors.js');
const {
	EXPECTS_MESSAGES,
	expectsMessages,
	expectsMessagesNow,
	HAS_MESSAGES,
	MORE,
	gateWithMessages,
	takeMessage,
	messageSlot,
	messageTicket,
	port,
} = require('./native.js');
const {NestedGate} = require('./nested-gate.js');
const {nativeOptions, overflowOf} = require('../options/limit-options.js');
const {isOverload} = require('./overload-errors.js');

/** The numbers of the kinds of messages in Rust. */
const [GRANTED, DROPPED, , CLOSED, ATTEMPT, DISPLACED] = [0, 1, 2, 3, 4, 5];

/** In place of `noFollowUp`: `followUp` never returns this, so every call is followed up. */
const ALWAYS_FOLLOW_UP = -1;

/** Weak references: the users of a limit keep its gate alive. */
const gatesByHandle = new Map();

/** Gates for which messages will come. Until then, this set keeps them and the event loop alive. */
const expecting = new Set();

let isRef = false;
let isUnrefPending = false;

/** Unrefs after a moment: a thread that takes turns with another one soon waits again. */
const unrefSoon = () => {
	isUnrefPending = true;
	queueMicrotask(() => {
		nextTick(() => {
			isUnrefPending = false;
			if (expecting.size === 0) {
				isRef = false;
				port.keepAlive(false);
			}
		});
	});
};

/** Keeps the event loop alive as long as messages will come. */
const updateRef = () => {
	if (expecting.size === 0) {
		if (isRef && !isUnrefPending) {
			unrefSoon();
		}
	} else if (!isRef) {
		isRef = true;
		port.keepAlive(true);
	}
};

/** Weak references, as above. */
const gatesByName = new Map();

const startGatesWithMessages = () => {
	for (let handle = gateWithMessages(); handle >= 0; handle = gateWithMessages()) {
		gatesByHandle.get(handle)?.deref()?.startNext(); // time may let more work start
	}
};

let isListening = false;
const listen = () => {
	if (!isListening) {
		outside(() => port.onMessages(startGatesWithMessages)); // it stays for all limits to come
		isListening = true;
	}
};

/** Creates a class of gates that are handles of shared ones. */
const sharedClassOf = Base =>
	class extends Base {
		/** The options of this thread's first caller that named the limit. */
		settings;

		/** How many callers of this thread have opened it. */
		#opened = 0;

		/** Whether messages will come. */
		#isExpecting = false;

		/** The error of the calls that are cleared together. */
		#clearReason = undefined;

		/** Whether other work is about to get slots that `cancel` freed. */
		#isStartScheduled = false;

		constructor(settings, handle) {
			super(settings, handle);
			this.settings = {...settings, rejectOnClear: settings.rejectOnClear ?? false};
			this.fixedConcurrency = undefined;
			this.setOverflow(overflowOf(port.overflow(handle)));
			// Another thread may have made the limit adaptive.
			this.isOverload ??= isOverload;
		}

		/** Throws if these settings differ from the limit's. */
		check(settings) {
			const {name} = settings;
			callNative(() => port.check(this.handle, name, nativeOptions(settings)));
			for (const option of ['rejectOnClear', 'nested']) {
				const [given, current] = [settings[option], this.settings[option]];
				if (given !== undefined && given !== current) {
					throw invalid(option, `as before (${current}) for the limit '${name}'`, given);
				}
			}

			// Functions can't be compared, so the last one that is given counts.
			this.isOverload = settings.adaptive?.isOverload ?? this.isOverload;
		}

		/** A caller opens it. */
		opens() {
			this.#opened++;
		}

		/** A caller that has opened it can't use it. If no other one has, its name is free again. */
		leave() {
			this.#opened--;
			if (this.#opened === 0) {
				gatesByHandle.delete(this.handle);
				gatesByName.delete(this.settings.name);
				this.discard();
			}
		}

		get leases() {
			return false;
		}

		setActiveConditions(conditions) {
			super.setActiveConditions(conditions);
			this.#setExpecting(port.watch(this.handle, conditions !== undefined));
		}

		/** Asks again whether messages will come: another thread may have taken the room since the last answer. */
		stillWaiting() {
			if (!this.#isExpecting) {
				this.#setExpecting(expectsMessagesNow(this.handle));
			}
		}

		get isClosed() {
			return port.isClosed(this.handle);
		}

		/** Whether the limit was drained, in any thread, and nothing runs or waits in it any more. */
		get isOver() {
			return port.isOver(this.handle);
		}

		follow(todo) {
			if ((todo & (HAS_MESSAGES | MORE)) === 0) {
				this.#setExpecting((todo & EXPECTS_MESSAGES) !== 0);
				this.activeConditions?.check();
			} else if ((todo & MORE) === 0) {
				this.readMessages();
			} else {
				this.startNext();
			}
		}

		/** Starts work. While messages are unread, its slots come as messages behind those. */
		startNext() {
			super.startNext();
			this.readMessages();
		}

		/** Cancels work. If unread messages have granted it slots, other work gets those. */
		cancel(ticket, work, cause) {
			super.cancel(ticket, work, cause);
			if (!this.#isStartScheduled) {
				this.#isStartScheduled = true;
				queueMicrotask(() => {
					this.#isStartScheduled = false;
					this.startNext();
				});
			}
		}

		/** Drops work. While messages are unread, its tickets come as messages behind those, too. */
		clear(lanes, reason, everywhere) {
			this.#clearReason = reason;
			super.clear(lanes, reason, everywhere);
		}

		/** All work that has got a slot is known after its message. */
		rows() {
			this.readMessages();
			return super.rows();
		}

		readMessages() {
			this.#readAll();
			this.#setExpecting(expectsMessages());
			this.activeConditions?.check();
		}

		/** Takes messages one by one, because acting on one may change those behind it. */
		#readAll() {
			for (let kind = takeMessage(this.handle); kind >= 0; kind = takeMessage(this.handle)) {
				this.#read(kind, messageTicket(), messageSlot());
			}

			this.#clearReason = undefined;
		}

		#read(kind, ticket, slot) {
			switch (kind) {
				case GRANTED:
					this.handOver(ticket, slot);
					break;
				case DROPPED:
					this.#dropped(ticket);
					break;
				case CLOSED:
					this.onClosed();
					break;
				case ATTEMPT:
					this.attempts.begin(slot);
					break;
				case DISPLACED:
					this.displaced.dropTicket(this, ticket, slot);
					break;
				default: // CHANGED: `readMessages` checks the conditions anyway
			}
		}

		#dropped(ticket) {
			const work = this.waiting[ticket];
			this.waiting[ticket] = undefined;
			if (this.settings.rejectOnClear) {
				this.#clearReason ??= abortError();
			}

			work.drop(this.#clearReason);
		}

		#setExpecting(isExpecting) {
			if (isExpecting === this.#isExpecting) {
				return;
			}

			this.#isExpecting = isExpecting;
			this.noFollowUp = isExpecting ? ALWAYS_FOLLOW_UP : 0;
			if (isExpecting) {
				expecting.add(this);
			} else {
				expecting.delete(this);
			}

			updateRef();
		}
	};

const SharedGate = sharedClassOf(Gate);
const SharedNestedGate = sharedClassOf(NestedGate);

/** Deletes an entry whose gate was collected. A new gate may be in its place by now. */
const forgetCollected = (gates, key) => {
	if (gates.get(key)?.deref() === undefined) {
		gates.delete(key);
	}
};

const gateFinalizer = new FinalizationRegistry(({handle, name}) => {
	forgetCollected(gatesByHandle, handle);
	forgetCollected(gatesByName, name);
});

/** Opens a new handle: of the limit of that name, or without a name of one that no other thread can reach. */
const openShared = settings => {
	listen();
	const handle = callNative(() => port.createShared(settings.name, nativeOptions(settings)));
	const gate =
		settings.nested === undefined ? new SharedGate(settings, handle) : new SharedNestedGate(settings, handle);
	gatesByHandle.set(handle, new WeakRef(gate));
	gateFinalizer.register(gate, {handle, name: settings.name});
	return gate;
};

/** Returns this thread's handle of the named limit. A limit that is over never reopens: a new one takes its name. */
const openNamed = settings => {
	const {name} = settings;
	const existing = gatesByName.get(name)?.deref();
	if (existing !== undefined && !existing.isOver) {
		existing.check(settings);
		existing.opens();
		return existing;
	}

	warnOfOtherVersions(name);
	const gate = openShared(settings);
	gatesByName.set(name, new WeakRef(gate));
	gate.opens();
	return gate;
};

/** Returns the name of a limit by its handle; `undefined` if it has none. */
const nameOf = handle => gatesByHandle.get(handle)?.deref()?.settings.name;

module.exports = {nameOf, openShared, openNamed};
