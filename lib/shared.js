'use strict';

// A limit that all threads of the process share by its name. Each has an end of it (`src/limiter/shared/`); what another
// thread does for this one comes as a letter.

const {Gate} = require('./gate.js');
const {invalid, refusing} = require('./errors.js');
const {AWAITS_LETTERS, MORE, port} = require('./native.js');
const {NestedGate} = require('./nested.js');
const {givenOf} = require('./options.js');

/** The kinds of letters by the numbers that Rust knows them by. */
const [GRANTED, DROPPED, , CLOSED] = [0, 1, 2, 3];

/** In place of `calm`: nothing that a call can give, so that its end is looked at every time. */
const NEVER = -1;

/** By number, weakly: who uses a limit holds it. */
const gates = new Map();

/** Those for which letters will come: held until then, with the event loop. */
const expecting = new Set();

/** By name, weakly. */
const named = new Map();

const takeLetters = () => {
	const letters = port.letters();
	const touched = new Set();
	for (let at = 0; at < letters.length; at += 4) {
		const gate = gates.get(letters[at])?.deref();
		if (gate !== undefined) {
			touched.add(gate);
			gate.read(letters[at + 1], letters[at + 2], letters[at + 3]);
		}
	}

	for (const gate of touched) {
		gate.look();
	}
};

let isListening = false;
const listen = () => {
	if (!isListening) {
		port.onLetters(takeLetters);
		isListening = true;
	}
};

/** A gate of either kind that is an end of a shared one. */
const sharedOf = Base =>
	class extends Base {
		#nested;
		#rejectOnClear;

		/** Letters will come. */
		#isExpecting = false;

		constructor(settings, handle) {
			super(settings, handle);
			this.#nested = settings.nested;
			this.#rejectOnClear = settings.rejectOnClear;
			this.fixedConcurrency = undefined;
			this.isClosed = port.isClosed(handle);
			gates.set(handle, new WeakRef(this));
		}

		/** Whether others may name it as these settings do. */
		check(settings) {
			refusing(() => port.checkShared(settings.name, givenOf(settings)));
			const {name, nested} = settings;
			if (nested !== undefined && nested !== this.#nested) {
				throw invalid('nested', `as before (${this.#nested}) for the limit '${name}'`, nested);
			}
		}

		setWaits(waits) {
			super.setWaits(waits);
			port.watch(this.handle, waits !== undefined);
			this.#expect(port.awaitsLetters(this.handle));
		}

		follow(todo) {
			this.#expect((todo & AWAITS_LETTERS) !== 0);
			if ((todo & MORE) !== 0) {
				super.startNext();
			}

			this.waits?.look();
		}

		startNext() {
			super.startNext();
			this.#expect(port.awaitsLetters(this.handle));
		}

		read(kind, ticket, slot) {
			switch (kind) {
				case GRANTED:
					this.handOver(ticket, slot);
					break;
				case DROPPED:
					this.#dropped(ticket);
					break;
				case CLOSED:
					this.hasClosed();
					break;
				default: // CHANGED: it is looked at anyway
			}
		}

		/** After letters have been read. */
		look() {
			this.#expect(port.awaitsLetters(this.handle));
			this.waits?.look();
		}

		#dropped(ticket) {
			const work = this.waiting[ticket];
			this.waiting[ticket] = undefined;
			work?.drop(this.#rejectOnClear ? AbortSignal.abort().reason : undefined);
		}

		#expect(isExpecting) {
			if (isExpecting === this.#isExpecting) {
				return;
			}

			this.#isExpecting = isExpecting;
			this.calm = isExpecting ? NEVER : 0;
			if (isExpecting) {
				expecting.add(this);
			} else {
				expecting.delete(this);
			}

			if (expecting.size === (isExpecting ? 1 : 0)) {
				port.keepAlive(isExpecting);
			}
		}
	};

const SharedGate = sharedOf(Gate);
const SharedNestedGate = sharedOf(NestedGate);

const forgotten = new FinalizationRegistry(name => {
	if (named.get(name)?.deref() === undefined) {
		named.delete(name);
	}
});

/** A new end, for this thread: of the limit of that name, or of one that nobody else can have. */
const openEnd = settings => {
	listen();
	const handle = refusing(() => port.createEnd(settings.name, givenOf(settings)));
	return settings.nested === undefined ? new SharedGate(settings, handle) : new SharedNestedGate(settings, handle);
};

/** This thread's end of the limit of that name. */
const openNamed = settings => {
	const {name} = settings;
	const known = named.get(name)?.deref();
	if (known !== undefined) {
		known.check(settings);
		return known;
	}

	const gate = openEnd(settings);
	named.set(name, new WeakRef(gate));
	forgotten.register(gate, name);
	return gate;
};

module.exports = {openEnd, openNamed};
