'use strict';

// The clock that a test moves on (`manualClock`). While it is there, all limits of the thread go by it: the shim gets its
// time and its timers here (`common/time.js`), and Rust is told the time.
//
// Rust's timer thread does not look at limits then. Rust says when a limit has something to do (`firstAlarm`), and does
// it when it is asked to (`ringAlarms`). WebAssembly reads the clock of the shim.

const {checkBoolean, checkObject} = require('../common/checks.js');
const {dispose, setImmediate} = require('../common/environment.js');
const {invalid} = require('../common/errors.js');
const {OptionNames} = require('../common/option-names.js');
const time = require('../common/time.js');
const {hasThreads, port} = require('../gate/native.js');
const {replaceTimers} = require('./global-timers.js');
const {ManualTimers} = require('./manual-timers.js');

const names = new OptionNames(['date', 'timers']);

/** So many turns of the event loop let everything happen that waits for no time: messages of Rust take one. */
const TURNS = 2;

const settle = async () => {
	for (let turn = 0; turn < TURNS; turn++) {
		await new Promise(resolve => {
			setImmediate(resolve);
		});
	}
};

const checkPeriod = millis => {
	if (!(typeof millis === 'number' && millis >= 0 && millis <= Number.MAX_SAFE_INTEGER)) {
		throw invalid('ms', `a number of milliseconds from 0 to ${Number.MAX_SAFE_INTEGER}`, millis);
	}
};

const readOptions = (given = {}) => {
	checkObject('options', given);
	names.check(given);
	const date = given.date ?? time.timeOfDay();
	const start = Number(date);
	if (!Number.isFinite(start)) {
		throw invalid('date', 'a Date or a number of milliseconds since 1970', given.date);
	}

	const isOnGlobals = given.timers ?? false;
	checkBoolean('timers', isOnGlobals);
	return {start, isOnGlobals};
};

/** The clock that is there now. */
let current;

class ManualClock {
	/** What the time of limits was when the clock came. Whole, because deadlines are. */
	#base = Math.ceil(time.now());
	/** What the date was then. */
	#start;
	/** Milliseconds since then. */
	#now = 0;
	#timers = new ManualTimers(() => this.#now);
	#putTimersBack;
	/** The end of the last `advance` or `next`: they follow each other. */
	#last = undefined;
	#isRestored = false;

	constructor({start, isOnGlobals}) {
		this.#start = start;
		const now = () => this.#now;
		const [base, timers] = [this.#base, this.#timers];
		time.replaceClock({
			get time() {
				return base + now();
			},
			get timeOfDay() {
				return start + now();
			},
			setTimer: (fn, duration) => timers.setTimer(fn, duration),
		});
		if (hasThreads) {
			port.beginTime();
		}

		time.clockReplaced();
		this.#putTimersBack = isOnGlobals ? replaceTimers(timers) : () => {};
	}

	get now() {
		return this.#now;
	}

	get date() {
		return new Date(this.#start + this.#now);
	}

	get timerCount() {
		return this.#timers.all.filter(timer => timer.hasRef()).length;
	}

	/** For specs: the timers that wait. */
	static timersOf = clock => clock.#timers.all;

	advance(millis) {
		this.#check();
		checkPeriod(millis);
		return this.#afterTheLast(() => this.#reach(this.#now + millis));
	}

	next() {
		this.#check();
		return this.#afterTheLast(async () => {
			const before = this.#now;
			if (this.#nextAt > before) {
				await settle();
			}

			const at = this.#nextAt;
			if (at === Number.POSITIVE_INFINITY) {
				return undefined;
			}

			await this.#reach(at);
			return this.#now - before;
		});
	}

	jump(millis) {
		this.#check();
		checkPeriod(millis);
		this.#setNow(this.#now + millis);
		this.#ringAlarms();
	}

	restore() {
		if (this.#isRestored) {
			return;
		}

		this.#isRestored = true;
		current = undefined;
		this.#putTimersBack();
		time.replaceClock(undefined);
		if (hasThreads) {
			port.endTime();
		}

		time.clockReplaced();
		for (const timer of this.#timers.all) {
			timer.goOn(Math.max(0, timer.at - this.#now));
		}
	}

	[dispose]() {
		this.restore();
	}

	#check() {
		if (this.#isRestored) {
			throw Object.assign(new Error('this clock was restored: get another one by `manualClock()`'), {
				code: 'ERR_CLOCK_RESTORED',
			});
		}
	}

	/** The first call begins at once. */
	#afterTheLast(move) {
		const moved = this.#last === undefined ? move() : this.#last.then(move);
		const settled = () => {
			if (this.#last === done) {
				this.#last = undefined;
			}
		};
		const done = moved.then(settled, settled);
		this.#last = done;
		return moved;
	}

	get #nextAt() {
		const alarm = hasThreads ? port.firstAlarm() : undefined;
		return Math.min(this.#timers.firstAt, alarm ?? Number.POSITIVE_INFINITY);
	}

	#setNow(now) {
		this.#now = now;
		if (hasThreads) {
			port.passTime(now);
		}
	}

	#ringAlarms() {
		if (hasThreads) {
			port.ringAlarms();
		}
	}

	/** Goes on to a time. What is due happens in its order, and after each thing what comes of it. */
	async #reach(end) {
		// What a `jump` has left behind comes at once.
		if (this.#nextAt > this.#now) {
			await settle();
		}

		for (let at = this.#nextAt; at <= end && !this.#isRestored; at = this.#nextAt) {
			this.#setNow(Math.max(this.#now, at));
			// An attempt of a call that failed comes before calls that wait: the shim asks for it before Rust looks.
			if (this.#timers.firstAt <= this.#now) {
				this.#timers.takeFirst().fire();
			} else {
				this.#ringAlarms();
			}

			await settle();
		}

		if (!this.#isRestored) {
			this.#setNow(Math.max(this.#now, end));
		}
	}
}

/** Puts a clock in the place of Node's for all limits of this thread. An earlier one is restored first. */
const manualClock = options => {
	const read = readOptions(options);
	current?.restore();
	current = new ManualClock(read);
	return current;
};

module.exports = {manualClock, timersOf: ManualClock.timersOf};
