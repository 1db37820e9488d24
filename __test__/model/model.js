'use strict';

// The policy of a limit as README, docs/guide/lanes.md and docs/guide/retries.md tell it, with plain arrays.

const LANES = ['online', 'offline'];

const mostOf = (bound, lane) => (typeof bound === 'object' ? bound[lane] : bound) ?? Number.POSITIVE_INFINITY;

class Model {
	now = 0;
	/** Ids of units in the order that they got their slots. */
	started = [];
	/** By lane. Units that run: their ids, and the slots that they hold. */
	active = {online: [], offline: []};
	/** By lane. Units that wait, in the order that they will start in. */
	queues = {online: [], offline: []};
	/** What settled by itself, other than by its own end: [unit, what its caller is told]. */
	outcomes = [];
	/** What is due: `{at, id, code}`. */
	deadlines = [];
	isHeld = false;
	pausedUntil = 0;
	#credit = 0;
	#tickets = 0;

	constructor({concurrency, reserve, offlineShare, maxQueue, overflow}) {
		this.concurrency = concurrency;
		this.reserve = reserve;
		this.share = offlineShare ?? 1 / 16;
		this.overflow = overflow ?? 'reject';
		this.most = Object.fromEntries(LANES.map(lane => [lane, mostOf(maxQueue, lane)]));
	}

	get isPaused() {
		return this.isHeld || this.pausedUntil > 0;
	}

	mostFor(lane) {
		return lane === 'online' ? this.concurrency : this.concurrency - this.reserve;
	}

	/** The slots that a unit takes: all there are where it weighs more by now. */
	#need(lane, {weight}) {
		return Math.min(weight, this.mostFor(lane));
	}

	#held(lane) {
		return this.active[lane].reduce((sum, {slots}) => sum + slots, 0);
	}

	#fits(lane, unit, kept) {
		const own = this.#held(lane) + this.#need(lane, unit);
		const other = this.#held(lane === 'online' ? 'offline' : 'online');
		return own <= this.mostFor(lane) && own + Math.max(other, kept) <= this.concurrency;
	}

	/** The lane that starts next, of these heads. The one behind leaves the one ahead the slots that it needs. */
	next(heads = {online: this.queues.online[0], offline: this.queues.offline[0]}) {
		if (this.isPaused) {
			return undefined;
		}

		const isDue = this.share > 0 && this.#credit + this.share >= 1;
		const order = heads.online && heads.offline && isDue ? ['offline', 'online'] : LANES;
		let kept = 0;
		for (const lane of order) {
			if (heads[lane] !== undefined) {
				if (this.#fits(lane, heads[lane], kept)) {
					return lane;
				}

				kept = this.#need(lane, heads[lane]);
			}
		}

		return undefined;
	}

	grantAll() {
		for (let lane = this.next(); lane !== undefined; lane = this.next()) {
			this.#grant(lane, this.queues[lane].shift());
		}
	}

	#grant(lane, unit) {
		this.active[lane].push({...unit, slots: this.#need(lane, unit)});
		this.started.push(unit.id);
		if (lane === 'offline') {
			this.#credit = Math.max(0, this.#credit + this.share - 1);
		} else {
			this.#credit = Math.min(1, this.#credit + this.share);
		}

		this.#forgetCredit();
		this.#noLongerDue(unit.id);
		if (unit.timeout !== undefined) {
			this.deadlines.push({at: this.now + unit.timeout, id: unit.id, code: 'ERR_TASK_TIMEOUT'});
		}
	}

	#forgetCredit() {
		if (this.queues.offline.length === 0) {
			this.#credit = 0;
		}
	}

	/** Whether a newcomer would be the next to start. */
	#isNext(lane, unit) {
		const [head] = this.queues[lane];
		const isFirst = head === undefined || head.priority < unit.priority;
		const heads = {online: this.queues.online[0], offline: this.queues.offline[0], [lane]: unit};
		return isFirst && this.next(heads) === lane;
	}

	/** Whether a newcomer would start at once. */
	startsAtOnce(lane, unit) {
		return this.#startable(lane, unit) > 0;
	}

	/** How many of so many equal newcomers start at once. */
	#startable(lane, unit) {
		if (!this.#isNext(lane, unit)) {
			return 0;
		}

		if (LANES.some(lane => this.queues[lane].length > 0)) {
			return 1;
		}

		const held = this.#held('online') + this.#held('offline');
		const free = Math.min(this.concurrency - held, this.mostFor(lane) - this.#held(lane));
		return Math.floor(free / unit.weight);
	}

	/** Whether a lane lets in units of a weight. `with` refuses others. */
	letsIn(lane, weight) {
		return weight <= this.mostFor(lane);
	}

	/** What equal units that come in bring about: `{refusal}`, or the ids of the units that they `displace`. */
	arrival(lane, units) {
		const [unit] = units;
		const waiting = Math.max(0, units.length - this.#startable(lane, unit));
		const excess = this.queues[lane].length + waiting - this.most[lane];
		if (waiting === 0 || excess <= 0 || this.overflow === 'wait') {
			return {displaced: new Set()};
		}

		if (this.overflow === 'reject' || waiting > this.most[lane]) {
			return {refusal: 'ERR_QUEUE_FULL'};
		}

		const leaving = this.#firstToLeave(lane, excess);
		return this.overflow === 'drop-lowest' && leaving.some(({priority}) => priority >= unit.priority)
			? {refusal: 'ERR_DROPPED'}
			: {displaced: new Set(leaving.map(({id}) => id))};
	}

	/** The units of as many tickets as free so many places. */
	#firstToLeave(lane, excess) {
		const queue =
			this.overflow === 'drop-oldest'
				? [...this.queues[lane]].sort((a, b) => a.ticket - b.ticket)
				: [...this.queues[lane]].reverse();
		const leaving = [];
		while (leaving.length < excess) {
			const {ticket} = queue[leaving.length];
			leaving.push(...queue.filter(unit => unit.ticket === ticket));
		}

		return leaving;
	}

	#insert(lane, units) {
		const queue = this.queues[lane];
		const behind = queue.findIndex(({priority}) => priority < units[0].priority);
		queue.splice(behind < 0 ? queue.length : behind, 0, ...units);
	}

	/** Moves a unit behind those of a place, if it waits. */
	move(id, lane, priority) {
		const from = LANES.find(lane => this.queues[lane].some(unit => unit.id === id));
		const unit = from && this.queues[from].find(unit => unit.id === id);
		if (unit !== undefined && (from !== lane || unit.priority !== priority)) {
			this.queues[from] = this.queues[from].filter(other => other !== unit);
			this.#insert(lane, [{...unit, priority}]);
			this.#forgetCredit();
			this.grantAll();
		}
	}

	/** Takes equal units in, behind those of their priority, in place of those that they displace. */
	enqueue(lane, units, displaced) {
		const ticket = this.#tickets++;
		this.#insert(
			lane,
			units.map(unit => ({...unit, ticket})),
		);
		this.#leave(displaced);
		this.grantAll();
		for (const {id, queueTimeout} of units) {
			if (queueTimeout !== undefined && this.#waits(id)) {
				this.deadlines.push({at: this.now + queueTimeout, id, code: 'ERR_QUEUE_TIMEOUT'});
			}
		}
	}

	#waits(id) {
		return LANES.some(lane => this.queues[lane].some(unit => unit.id === id));
	}

	#noLongerDue(id) {
		this.deadlines = this.deadlines.filter(deadline => deadline.id !== id);
	}

	end(id) {
		for (const lane of LANES) {
			this.active[lane] = this.active[lane].filter(unit => unit.id !== id);
		}

		this.#noLongerDue(id);
		this.grantAll();
	}

	/** Takes units out of the queues. Those that run keep their slots. */
	drop(ids) {
		this.#leave(ids);
		this.grantAll();
	}

	#leave(ids) {
		for (const lane of LANES) {
			this.queues[lane] = this.queues[lane].filter(({id}) => !ids.has(id));
		}

		for (const id of ids) {
			this.#noLongerDue(id);
		}

		this.#forgetCredit();
	}

	/** Gives the ids of what it has dropped. */
	clear(lanes) {
		const dropped = new Set(lanes.flatMap(lane => this.queues[lane].map(({id}) => id)));
		this.drop(dropped);
		return dropped;
	}

	pauseFor(duration) {
		this.pausedUntil = Math.max(this.pausedUntil, this.now + duration);
	}

	resume() {
		this.isHeld = false;
		this.pausedUntil = 0;
		this.grantAll();
	}

	/** Goes on by so many milliseconds. */
	pass(duration) {
		const end = this.now + duration;
		for (;;) {
			const first = this.deadlines.reduce((a, b) => (b.at < a.at ? b : a), {at: Number.POSITIVE_INFINITY});
			const resumes = this.pausedUntil > 0 ? this.pausedUntil : Number.POSITIVE_INFINITY;
			if (Math.min(first.at, resumes) > end) {
				break;
			}

			this.now = Math.min(first.at, resumes);
			if (resumes <= first.at) {
				this.pausedUntil = 0;
				this.grantAll();
			} else {
				this.outcomes.push([first.id, {rejected: first.code}]);
				this.drop(new Set([first.id]));
			}
		}

		this.now = end;
	}
}

module.exports = {LANES, Model};
