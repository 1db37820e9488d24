'use strict';

// Calls that take a slot of several limits: `chain`, and the `total` of keyed limits. A call that has a slot of the first
// limit takes one of the next limit, too, and runs when it has all of them. The requests of such calls have a `next`.

const {createRun, createTaskStart, refusal} = require('../call/call.js');
const {abortError} = require('../common/environment.js');
const {invalid, refusalOf} = require('../common/errors.js');
const {watch} = require('../common/promises.js');
const {CLEARED} = require('../gate/native.js');
const {isTracing} = require('../observe/channels.js');
const {asDropError} = require('../gate/shutdown.js');
const {Task} = require('../call/task.js');
const {requestOf} = require('./lane.js');

const none = [];

/** A call that has a slot of one limit, and waits for or runs in a slot of the next limit. */
class NextCall extends Task {
	#slot = undefined;
	#call;
	#prefix;
	#previous;
	#previousSlot;

	/** The task that it was made inside of, while it waits for a slot that this task lends; see `nested-gate.js`. */
	lender = undefined;

	/** `previous` is the gate of the limit before this one, in which `call` has that slot. */
	constructor(gate, prefix, call, run, previous, previousSlot) {
		super(gate, {queueTimeout: call.queueTimeout}, run, none);
		this.#call = call;
		this.#prefix = prefix;
		this.#previous = previous;
		this.#previousSlot = previousSlot;
	}

	/** The limits before this one get back what the call took of their rates: it will not begin. */
	unsentBefore() {
		this.#previous.unsent(this.#previousSlot);
		this.#call.unsentBefore?.();
	}

	dequeue(reason, cause) {
		if (this.ticket >= 0) {
			this.unsentBefore();
		}

		super.dequeue(reason, cause);
	}

	/** Whether an error of the call may say that nothing was sent. */
	get givesBack() {
		return this.#call.givesBack;
	}

	get label() {
		return this.#call.label;
	}

	/** Returns the call that has a slot of a gate and waits here; `undefined` if there is none. */
	callIn(gate) {
		return this.#previous === gate ? this.#call : this.#call.callIn?.(gate);
	}

	/** The gate of a limit before this one whose drain drops what waits; `undefined` if there is none. */
	get droppingGate() {
		return this.#previous.dropReason === undefined ? this.#call.droppingGate : this.#previous;
	}

	/** Where it runs, also in the limits behind this one. */
	get places() {
		return this.placesIn(this.#slot);
	}

	get outerTrace() {
		return this.#call.trace;
	}

	/** As those of the call, if it holds slots by hand. */
	takenIn(gate) {
		return this.#call.takenIn?.(gate);
	}

	get holds() {
		return this.#call.holds;
	}

	followIn(task, result, ends) {
		return this.#call.followIn(task, result, ends);
	}

	/** Whether no caller waits any more. */
	get isStopped() {
		return this.#call.isStopped;
	}

	/** The place that callers have raised a `once` to. */
	get raised() {
		return this.#call.raised;
	}

	/** The tasks that wait for a `once`. */
	get joiners() {
		return this.#call.joiners;
	}

	/** Always rejects: the call must give back its slot of the first limit, even if the next limit is cleared. */
	drop(reason = abortError()) {
		this.unsentBefore();
		super.drop(reason);
	}

	/** Returns the timeout error. Its prefix tells which of the queues was too slow. */
	timeoutError(error) {
		return refusalOf(super.timeoutError(error), this.#prefix);
	}

	run(slot) {
		this.#slot = slot;
		this.lender?.arrived.delete(this);
		return super.run(slot);
	}

	/** Settles when the work ends, even if the call was given up. The call of the first limit settles for the caller. */
	follow(result, ends) {
		if (this.holds) {
			return this.followIn(this, result, ends);
		}

		return watch(
			result,
			() => {
				this.reportFulfilled(ends);
				this.trace?.settled('fulfilled');
			},
			error => {
				this.reportRejected(ends, error);
				this.trace?.settled('rejected', error);
			},
		);
	}

	/** Reports that an attempt of the call failed and that another one follows. */
	outerAttemptFailed(error, attempt, delay) {
		this.attemptFailed(this.#slot, error, attempt, delay);
	}
}

/** A limit of a chain, behind the first one. */
class Link {
	/** The request that was last asked for, and its own form for this limit, with what starts a call. */
	#last = undefined;

	/**
	 * `own` is what calls ask of this limit instead of what they ask of the others: `{weight, cost}`. `next` is the link
	 * behind this one. `name` is what errors of this limit begin with. `flow`: whose calls they are, in a fair limit.
	 */
	constructor(gate, name, own, next, flow) {
		this.gate = gate;
		this.name = name;
		this.own = own;
		this.next = next;
		this.flow = flow;
		this.prefix = `${name}: `;
	}

	/** Runs a call, which has a slot of the gate before this one, in a slot of this one, too. */
	run(slot, call, request, previous) {
		const run = () => {
			if (call.isStopped) {
				nextCall.unsentBefore();
				throw abortError(); // no caller waits any more
			}

			return call.run(slot);
		};
		const {gate, prefix} = this;
		const nextCall = new NextCall(gate, prefix, call, run, previous, slot);
		const {droppingGate} = nextCall;
		if (droppingGate !== undefined) {
			droppingGate.shutdown.droppedLate[request.lane]++;
			nextCall.unsentBefore();
			throw droppingGate.dropReason;
		}

		call.queuedInNext?.(nextCall, slot); // a call that can't be given up lacks the method
		try {
			const taken = nextCall.takenIn(gate);
			if (taken !== undefined) {
				return this.#runIn(taken, nextCall, request);
			}

			const outcome = this.#startOf(request, call.raised)(nextCall);
			gate.arrives(nextCall, call.joiners);
			return outcome;
		} catch (error) {
			nextCall.unsentBefore();
			const {outerTrace: outer} = nextCall;
			const refused = refusalOf(
				refusal(gate, request, () => nextCall.label, error, {outer}),
				prefix,
			);
			throw gate.isClosed ? asDropError(refused) : refused;
		}
	}

	/** Runs a call in a slot of this limit that it has already. */
	#runIn(slot, nextCall, request) {
		const {gate} = this;
		const trace = isTracing() ? nextCall.traceIn(request.lane) : undefined;
		gate.running[slot] = nextCall;
		trace?.queued();
		return createRun(gate, this.#asked(request))(slot);
	}

	/** Returns where a call of a request takes slots from this link on: `{gate, request, convert}`, of which the last converts errors. */
	placesOf(request) {
		const {gate, prefix, next} = this;
		const asked = this.#asked(request);
		const convert = error => refusalOf(gate.refusalOf(error), prefix);
		return [{gate, request: asked, convert}, ...(next?.placesOf(asked) ?? none)];
	}

	/** Called when a caller in a lane waits for a flight of the limit before this one. Throws if it would wait forever. */
	join(flight, lane) {
		try {
			this.gate.joinBefore(flight, lane);
		} catch (error) {
			throw refusalOf(this.gate.refusalOf(error), this.prefix);
		}

		this.next?.join(flight, lane);
	}

	#startOf(request, raised) {
		if (raised !== undefined) {
			return createTaskStart(this.gate, this.#asked(request, raised));
		}

		if (this.#last?.request !== request) {
			this.#last = {request, start: createTaskStart(this.gate, this.#asked(request))};
		}

		return this.#last.start;
	}

	#asked({lane, asked}, raised) {
		const own = this.#priced({...asked, ...raised, ...this.own});
		const request = requestOf(raised?.lane ?? lane, own, this.next, asked);
		return this.flow === undefined ? request : {...request, flow: this.flow, isPlain: false};
	}

	/** Returns what a call asks for with the costs of the quotas of this limit. Those of other limits do not count. */
	#priced(options) {
		const {cost} = options;
		const costs = typeof cost === 'object' ? require('../gate/quotas.js').costsBehind(this.gate, cost) : undefined;
		return typeof cost === 'object' && costs === undefined ? {...options, cost: undefined, costs} : {...options, costs};
	}

	/** Throws if a lane of this limit, or of one behind it, lets no calls of a weight in. */
	checkWeight(lane, weight) {
		try {
			this.gate.checkWeight(lane, this.own.weight ?? weight);
		} catch (error) {
			throw refusalOf(error, this.prefix);
		}

		this.next?.checkWeight(lane, weight);
	}
}

const linksOf = link => (link === undefined ? [] : [link, ...linksOf(link.next)]);

/** By gate: weak references to the gates that come after it in some chain. */
const gatesBehind = new WeakMap();

/** Returns all gates behind a gate, and their number may be large: a limit may be in chains with many others. */
const allBehind = gate => {
	const found = new Set();
	const add = ref => {
		const behind = ref.deref();
		if (behind !== undefined && !found.has(behind)) {
			found.add(behind);
			for (const next of gatesBehind.get(behind)?.values() ?? none) {
				add(next);
			}
		}
	};
	for (const ref of gatesBehind.get(gate)?.values() ?? none) {
		add(ref);
	}

	return found;
};

/** Drops the calls that have a slot of a gate and wait for one of a limit behind it. Returns the calls in the gate. */
const dropBehind = (gate, reason) => {
	const isHeld = work => work?.callIn?.(gate) !== undefined;
	const dropped = [...allBehind(gate)].flatMap(behind => behind.waiting.filter(isHeld));
	for (const nextCall of dropped) {
		nextCall.dequeue(reason, CLEARED);
	}

	for (const nextCall of dropped) {
		nextCall.abort(reason, CLEARED);
	}

	return dropped.map(nextCall => nextCall.callIn(gate));
};

const comesBefore = (gate, other) => gate === other || allBehind(gate).has(other);

/** Records that calls wait for one gate while they hold a slot of the other. Throws if others do the opposite. */
const order = (gate, behind, given) => {
	if (comesBefore(behind, gate)) {
		throw invalid('limit', 'a limit that no chain has before this one: calls would wait for each other', given);
	}

	if (!gatesBehind.has(gate)) {
		gatesBehind.set(gate, new Map());
	}

	const known = gatesBehind.get(gate);
	if (known.get(behind.handle)?.deref() !== behind) {
		known.set(behind.handle, new WeakRef(behind));
	}
};

/** Returns the links of a chain: those it has, and then the added ones. `given` is what the caller gave for those. */
const append = (gate, link, added, given) => {
	const links = [...linksOf(link), ...linksOf(added)];
	for (const [index, {gate: behind}] of links.entries()) {
		order(index === 0 ? gate : links[index - 1].gate, behind, given);
	}

	return links.reduceRight((next, {gate, name, own, flow}) => new Link(gate, name, own, next, flow), undefined);
};

module.exports = {Link, append, dropBehind};
