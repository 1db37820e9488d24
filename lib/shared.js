'use strict';

// A limit that all threads of the process share by its name. Each has an end of it (`src/limiter/shared/`); what another
// thread does for this one comes as a letter.

const process = require('node:process');

const {Gate} = require('./gate.js');
const {invalid, refusing} = require('./errors.js');
const {
	AWAITS_LETTERS,
	awaitsLetters,
	awaitsLettersNow,
	HAS_LETTERS,
	MORE,
	gateWithLetters,
	letter,
	letterSlot,
	letterTicket,
	port,
} = require('./native.js');
const {NestedGate} = require('./nested.js');
const {givenOf} = require('./options.js');
const {isOverload} = require('./overload.js');

/** The kinds of letters by the numbers that Rust knows them by. */
const [GRANTED, DROPPED, , CLOSED] = [0, 1, 2, 3];

/** In place of `calm`: nothing that a call can give, so that its end is looked at every time. */
const NEVER = -1;

/** By number, weakly: who uses a limit holds it. */
const gates = new Map();

/** Those for which letters will come: held until then, with the event loop. */
const expecting = new Set();

let isKept = false;
let isLetGo = false;

/** A thread that takes turns with another one waits again a moment after it got its slot. */
const letGoSoon = () => {
	isLetGo = true;
	queueMicrotask(() => {
		process.nextTick(() => {
			isLetGo = false;
			if (expecting.size === 0) {
				isKept = false;
				port.keepAlive(false);
			}
		});
	});
};

/** Keeps the event loop as long as letters will come. */
const keepAlive = () => {
	if (expecting.size === 0) {
		if (isKept && !isLetGo) {
			letGoSoon();
		}
	} else if (!isKept) {
		isKept = true;
		port.keepAlive(true);
	}
};

/** By name, weakly. */
const named = new Map();

const takeLetters = () => {
	for (let number = gateWithLetters(); number >= 0; number = gateWithLetters()) {
		gates.get(number)?.deref()?.startNext(); // time may have more for it
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
		/** As who named it first in this thread gave them. */
		settings;

		/** Letters will come. */
		#isExpecting = false;

		/** What is cleared at once rejects with one error. */
		#cleared = undefined;

		/** Slots that `cancel` has freed are about to be given to others. */
		#isFreeing = false;

		constructor(settings, handle) {
			super(settings, handle);
			this.settings = {...settings, rejectOnClear: settings.rejectOnClear ?? false};
			this.fixedConcurrency = undefined;
			this.overflows = port.overflows(handle);
			// It may be adaptive without this thread having said so.
			this.isOverload ??= isOverload;
		}

		/** Whether others may name it as these settings do. */
		check(settings) {
			const {name} = settings;
			refusing(() => port.check(this.handle, name, givenOf(settings)));
			for (const option of ['rejectOnClear', 'nested']) {
				const [given, is] = [settings[option], this.settings[option]];
				if (given !== undefined && given !== is) {
					throw invalid(option, `as before (${is}) for the limit '${name}'`, given);
				}
			}

			// The last one that is given counts, whoever joined before: whether a function is the same nobody can tell.
			this.isOverload = settings.adaptive?.isOverload ?? this.isOverload;
		}

		setWaits(waits) {
			super.setWaits(waits);
			this.#expect(port.watch(this.handle, waits !== undefined));
		}

		/** Whether letters will come was told before the look, and another thread may have taken the room in between. */
		waitsOn() {
			if (!this.#isExpecting) {
				this.#expect(awaitsLettersNow(this.handle));
			}
		}

		get isClosed() {
			return port.isClosed(this.handle);
		}

		/** It was drained, in whatever thread, and is for nobody any more. */
		get isOver() {
			return port.isOver(this.handle);
		}

		follow(todo) {
			if ((todo & (HAS_LETTERS | MORE)) === 0) {
				this.#expect((todo & AWAITS_LETTERS) !== 0);
				this.waits?.look();
			} else if ((todo & MORE) === 0) {
				this.readLetters();
			} else {
				this.startNext();
			}
		}

		/** Where letters are still to be read, what it starts comes as letters behind them. */
		startNext() {
			super.startNext();
			this.readLetters();
		}

		/** What is cancelled may have had slots already that nobody has told it of: others get them. */
		cancel(ticket, work) {
			super.cancel(ticket, work);
			if (!this.#isFreeing) {
				this.#isFreeing = true;
				queueMicrotask(() => {
					this.#isFreeing = false;
					this.startNext();
				});
			}
		}

		/** Where letters are still to be read, what is dropped comes behind them as letters, too. */
		clear(lanes, reason, everywhere) {
			this.#cleared = reason;
			super.clear(lanes, reason, everywhere);
		}

		/** Does what others have to tell. */
		readLetters() {
			this.#readAll();
			this.#expect(awaitsLetters());
			this.waits?.look();
		}

		/** One by one: what comes of a letter may concern those behind it. */
		#readAll() {
			for (let kind = letter(this.handle); kind >= 0; kind = letter(this.handle)) {
				this.#read(kind, letterTicket(), letterSlot());
			}

			this.#cleared = undefined;
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
					this.hasClosed();
					break;
				default: // CHANGED: it is looked at anyway
			}
		}

		#dropped(ticket) {
			const work = this.waiting[ticket];
			this.waiting[ticket] = undefined;
			if (this.settings.rejectOnClear) {
				this.#cleared ??= AbortSignal.abort().reason;
			}

			work.drop(this.#cleared);
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

			keepAlive();
		}
	};

const SharedGate = sharedOf(Gate);
const SharedNestedGate = sharedOf(NestedGate);

/** Another one may have its place by now. */
const forget = (ends, key) => {
	if (ends.get(key)?.deref() === undefined) {
		ends.delete(key);
	}
};

const forgotten = new FinalizationRegistry(({handle, name}) => {
	forget(gates, handle);
	forget(named, name);
});

/** A new end, for this thread: of the limit of that name, or of one that nobody else can have. */
const openEnd = settings => {
	listen();
	const handle = refusing(() => port.createEnd(settings.name, givenOf(settings)));
	const gate =
		settings.nested === undefined ? new SharedGate(settings, handle) : new SharedNestedGate(settings, handle);
	gates.set(handle, new WeakRef(gate));
	forgotten.register(gate, {handle, name: settings.name});
	return gate;
};

/** This thread's end of the limit of that name. Once that is over there may be another one: it never comes back. */
const openNamed = settings => {
	const {name} = settings;
	const known = named.get(name)?.deref();
	if (known !== undefined && !known.isOver) {
		known.check(settings);
		return known;
	}

	const gate = openEnd(settings);
	named.set(name, new WeakRef(gate));
	return gate;
};

module.exports = {openEnd, openNamed};
