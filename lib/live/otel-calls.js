'use strict';

// What `p-lanes/opentelemetry` hears of single calls: a span for each, and histograms of waits and runs.
//
// The span of a call lasts from the call until its outcome. How long it waited is an attribute of the span, to search by. A wait of a
// millisecond or more is also a child span, because tools draw spans and not attributes: so a picture of a trace tells a long wait
// from a long run. A call that starts at once has one span alone.

const {subscribe, unsubscribe} = require('node:diagnostics_channel');
const {DEFAULT_BUCKETS} = require('./buckets.js');
const {inSeconds} = require('./families.js');
const {AROUND} = require('../observe/trace.js');

/** Milliseconds. */
const SHORTEST_WAIT_SHOWN = 1;

/** Subscribes to channels. Returns a function that ends it. */
const listen = listeners => {
	for (const [name, listener] of Object.entries(listeners)) {
		subscribe(`p-lanes:${name}`, listener);
	}

	return () => {
		for (const [name, listener] of Object.entries(listeners)) {
			unsubscribe(`p-lanes:${name}`, listener);
		}
	};
};

/** What an error is called in attributes: its code, or else its name. The codes of a `DOMException` are numbers, which tell little. */
const errorTypeOf = error => {
	try {
		const {code, name} = Object(error);
		return String(typeof code === 'string' ? code : (name ?? typeof error));
	} catch {
		return 'Error'; // a getter of the user's
	}
};

const messageOf = error => {
	try {
		return String(error?.message ?? error);
	} catch {
		return '';
	}
};

/** Of a call in a chain: what was recorded in the last of its limits. */
const innermost = record => (record.inner === undefined ? record : innermost(record.inner));

/** The spans of calls. */
class Spans {
	#api;
	#tracer;
	#originOf;
	/** By call: its span, the context of the span, when the call was made, and the record of the same call in the next limit of a chain. */
	#records = new WeakMap();

	/** @param originOf - Returns what a call is of; undefined if it is not exported. */
	constructor(api, tracer, originOf) {
		this.#api = api;
		this.#tracer = tracer;
		this.#originOf = originOf;
	}

	listen() {
		return listen({
			queued: ({call}) => this.#queued(call),
			started: message => this.#started(message),
			retried: message => this.#retried(message),
			settled: message => this.#settled(message),
			refused: message => this.#refused(message),
		});
	}

	/** Starts a span in the context of the caller, or in that of the same call in the limit before, in a chain. */
	#start(call) {
		const origin = this.#originOf(call);
		if (origin === undefined) {
			return undefined;
		}

		const {context, trace} = this.#api;
		const outer = this.#records.get(call.outer);
		const parent = outer?.context ?? context.active();
		const madeAt = Date.now();
		const attributes = origin.attributes[call.lane];
		const span = this.#tracer.startSpan(call.label || origin.name, {attributes}, parent);
		const record = {span, context: trace.setSpan(parent, span), madeAt, inner: undefined};
		this.#records.set(call, record);
		if (outer !== undefined) {
			outer.inner = record;
		}

		return record;
	}

	#queued(call) {
		const record = this.#start(call);
		if (record !== undefined) {
			call[AROUND] = run => this.#api.context.with(innermost(record).context, run);
		}
	}

	#started({call, wait}) {
		const record = this.#records.get(call);
		if (record === undefined || !record.span.isRecording()) {
			return;
		}

		record.span.setAttribute('p_lanes.wait', inSeconds(wait));
		if (wait >= SHORTEST_WAIT_SHOWN) {
			const {context, madeAt} = record;
			this.#tracer.startSpan('wait', {startTime: madeAt}, context).end(madeAt + wait);
		}
	}

	#retried({call, error, attempt, delay}) {
		this.#records.get(call)?.span.addEvent('retry', {
			'p_lanes.attempt': attempt,
			'p_lanes.delay': inSeconds(delay),
			'error.type': errorTypeOf(error),
			'exception.message': messageOf(error),
		});
	}

	#settled({call, reason, error, run}) {
		const record = this.#records.get(call);
		if (record === undefined) {
			return;
		}

		this.#records.delete(call);
		const {span} = record;
		span.setAttribute('p_lanes.outcome', reason);
		if (run !== undefined) {
			span.setAttribute('p_lanes.run', inSeconds(run));
		}

		// What `clearQueue` drops has not failed.
		if (reason !== 'fulfilled' && reason !== 'cleared') {
			this.#fail(span, error);
		}

		span.end();
	}

	/** The call has no other message. */
	#refused({call, error}) {
		const record = this.#start(call);
		if (record !== undefined) {
			record.span.setAttribute('p_lanes.outcome', 'refused');
			this.#fail(record.span, error);
			record.span.end();
		}
	}

	#fail(span, error) {
		span.setAttribute('error.type', errorTypeOf(error));
		span.setStatus({code: this.#api.SpanStatusCode.ERROR, message: messageOf(error)});
	}
}

/** Records how long calls wait and run. Returns a function that ends it. */
const recordDurations = (meter, originOf) => {
	const create = (name, description) =>
		meter.createHistogram(`p_lanes.${name}`, {
			description,
			unit: 's',
			advice: {explicitBucketBoundaries: DEFAULT_BUCKETS},
		});
	const histogramsOf = prefix => ({
		wait: create(`${prefix}wait`, 'Time until the start, of those that have ended.'),
		run: create(`${prefix}run`, 'Time from the start until the end of the work.'),
	});
	const [ofLimits, ofPools] = [histogramsOf(''), histogramsOf('pool.')];
	return listen({
		settled({call, wait, run}) {
			const origin = originOf(call);
			if (origin !== undefined && run !== undefined) {
				// All keys of keyed limits are one: there may be many.
				const attributes = origin.attributesWithoutKey[call.lane];
				const histograms = origin.isPool ? ofPools : ofLimits;
				histograms.wait.record(inSeconds(wait), attributes);
				histograms.run.record(inSeconds(run), attributes);
			}
		},
	});
};

module.exports = {Spans, recordDurations};
