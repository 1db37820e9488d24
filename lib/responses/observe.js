'use strict';

// `observe`: a limit learns from what a server says of its quotas. Rust decides what may start by that.

const {checkObject} = require('../common/checks.js');
const {invalid, quoted} = require('../common/errors.js');
const {OptionNames} = require('../common/option-names.js');
const {now} = require('../common/time.js');
const {retryAfter} = require('../options/retry-after.js');
const {readFields} = require('./fields.js');
const {tightestOf} = require('./matching.js');
const {readReadings} = require('./readings.js');

const observeNames = new OptionNames(['quotas', 'sentAt']);
const observeNamesOfCalls = new OptionNames(['quotas'], {sentAt: 'the context knows when its attempt began'});

/** The longest pause that a server is believed, in milliseconds: an hour, as in Rust. */
const LONGEST_PAUSE = 3_600_000;

/** What is not below this was not returned by `performance.now()`, but by `Date.now()`. */
const LATEST = 1e11;

/** Below this status, a server that says "Retry-After" does not refuse. */
const FIRST_REFUSAL = 400;

/** In place of a slot: it is not known, or no work runs there any more. */
const NO_SLOT = -1;

/** In place of the number of an attempt: it is not known. Such an answer counts, and makes no other one late. */
const ANY_ATTEMPT = Number.POSITIVE_INFINITY;

const nothing = {};

/** Returns the quotas of a gate in their order, as `{name, interval}`. */
const quotasOf = ({native: {port}, handle}) => {
	const rate = port.rate(handle) ?? undefined;
	return rate === undefined ? port.quotas(handle) : [{name: undefined, interval: rate.interval}];
};

const checkNames = (names, quotas) => {
	checkObject('quotas', names);
	const known = quotas.flatMap(({name}) => (name === undefined ? [] : [name]));
	for (const [theirs, ours] of Object.entries(names)) {
		if (ours !== null && !known.includes(ours)) {
			const allowed =
				known.length === 0 ? 'null, as the limit has no quota with a name' : `null or one of ${quoted(known)}`;
			throw invalid(`quotas.${theirs}`, allowed, ours);
		}
	}
};

const checkSentAt = sentAt => {
	if (sentAt !== undefined && !(typeof sentAt === 'number' && sentAt >= 0 && sentAt < LATEST)) {
		throw invalid('sentAt', 'what `performance.now()` returned when the request was sent', sentAt);
	}
};

/** By gate without a rate: the number of the latest attempt whose answer counted. */
const latestAttempts = new WeakMap();

const pauseFor = (gate, slot, milliseconds) => {
	const duration = Math.min(milliseconds, LONGEST_PAUSE);
	if (!(duration > 0) || gate.isClosed) {
		return;
	}

	if (slot === NO_SLOT) {
		gate.pauseFor(duration);
	} else {
		gate.retryAfter(slot, duration); // whom it concerns depends on the lane
	}
};

/** A server refuses, and says when to come again. */
const pauseIfRefused = (gate, slot, fields, status) => {
	if (status === undefined || status >= FIRST_REFUSAL) {
		pauseFor(gate, slot, retryAfter({headers: Object.fromEntries(fields)}) ?? 0);
	}
};

/** A limit without a rate has to wait where a server leaves nothing. */
const pauseIfNothingIsLeft = (gate, slot, readings, attempt) => {
	if (attempt < (latestAttempts.get(gate) ?? 0)) {
		return;
	}

	if (attempt !== ANY_ATTEMPT) {
		latestAttempts.set(gate, attempt);
	}

	for (const reading of readings) {
		reading.learned = reading.remaining !== undefined;
		if (reading.remaining === 0) {
			pauseFor(gate, slot, reading.resetsIn ?? 0);
		}
	}
};

/** Tells Rust of each quota what leaves the least. */
const learn = (gate, slot, ago, readings, quotas, names) => {
	const {port} = gate.native;
	for (const [quota, reading] of tightestOf(readings, quotas, names)) {
		const {limit, remaining, resetsIn, window} = reading;
		reading.quota = quota.name;
		reading.learned = port.learn(gate.handle, quotas.indexOf(quota), {slot, ago, limit, remaining, resetsIn, window});
	}
};

/**
 * A server has answered the request of an attempt. `slot` is where the attempt runs, if it does; `attempt` is its number
 * among all attempts of the process.
 */
const observe = (gate, response, given, {slot = NO_SLOT, attempt = ANY_ATTEMPT, isPast = false, names: allowed}) => {
	checkObject('options', given);
	const {quotas: names = nothing, sentAt} = allowed.read(given);
	const quotas = quotasOf(gate);
	checkNames(names, quotas);
	checkSentAt(sentAt);
	const {fields, status} = readFields(response);
	const readings = readReadings(fields).map(reading => ({...reading, quota: undefined, learned: false}));
	if (isPast) {
		return readings; // another attempt of the call has begun, and what runs in the slot is that one
	}

	if (quotas.length === 0) {
		pauseIfNothingIsLeft(gate, slot, readings, attempt);
	} else {
		learn(gate, slot, sentAt === undefined ? undefined : Math.max(0, now() - sentAt), readings, quotas, names);
	}

	pauseIfRefused(gate, slot, fields, status);
	gate.startNext();
	return readings;
};

/** `limit.observe`. */
const observeForLimit = (gate, response, given = nothing) => observe(gate, response, given, {names: observeNames});

/** `context.observe`. */
const observeForCall = (gate, response, given = nothing, of = nothing) =>
	observe(gate, response, given, {...of, names: observeNamesOfCalls});

module.exports = {observeForCall, observeForLimit, observeNames, observeNamesOfCalls};
