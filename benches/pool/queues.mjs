// Two lanes for pools that take a queue of one's own: online before offline, FIFO in each.

class Lanes {
	online = [];
	offline = [];

	take() {
		return this.online.shift() ?? this.offline.shift();
	}

	count() {
		return this.online.length + this.offline.length;
	}
}

/** As piscina and tinypool want it; a task without a lane is online. */
export class TaskQueue {
	#lanes = new Lanes();
	#symbol;

	/** The symbol is the one under which the pool keeps a task's options for its queue. */
	constructor(symbol) {
		this.#symbol = symbol;
	}

	#of(task) {
		return this.#lanes[task[this.#symbol]?.lane ?? 'online'];
	}

	get size() {
		return this.#lanes.count();
	}

	push(task) {
		this.#of(task).push(task);
	}

	shift() {
		return this.#lanes.take() ?? null;
	}

	remove(task) {
		const lane = this.#of(task);
		lane.splice(lane.indexOf(task), 1);
	}
}

/** As workerpool wants it. */
export class QueueStrategy {
	#lanes = new Lanes();

	#of({options}) {
		return this.#lanes[options?.metadata?.lane ?? 'online'];
	}

	push(task) {
		this.#of(task).push(task);
	}

	pop() {
		return this.#lanes.take();
	}

	size() {
		return this.#lanes.count();
	}

	contains(task) {
		return this.#of(task).includes(task);
	}

	clear() {
		this.#lanes = new Lanes();
	}
}
