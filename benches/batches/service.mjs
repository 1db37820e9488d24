// A service with a number of places. A call that finds none waits for one in the order of arrival, as at a server
// with a queue. What ran where and when is written down.

import {setTimeout} from 'node:timers/promises';

const rounded = milliseconds => Math.round(milliseconds * 10) / 10;

/** What happened over time, in milliseconds since the first call: `[row, begin, end, kind]` of every call, in order of their ends. */
export class Timeline {
	calls = [];

	#origin;

	/** Milliseconds since the beginning. */
	now() {
		this.#origin ??= performance.now();
		return performance.now() - this.#origin;
	}

	add(row, begin, end, kind) {
		this.calls.push([row, rounded(begin), rounded(end), kind]);
	}
}

export class Service {
	/** The most calls at once in the service, those that waited for a place included. */
	most = 0;

	#timeline;

	#firstRow;

	#free;

	#queue = [];

	#inside = 0;

	/** Its places are rows of the timeline from `firstRow` on. */
	constructor(timeline, places, firstRow = 0) {
		this.#timeline = timeline;
		this.#firstRow = firstRow;
		this.#free = Array.from({length: places}, (_, place) => place);
	}

	/** A call of some milliseconds. Returns when it got its place, in milliseconds since the beginning. */
	async call(milliseconds, kind) {
		this.#timeline.now();
		this.#inside++;
		this.most = Math.max(this.most, this.#inside);
		const place = await this.#enter();
		const begin = this.#timeline.now();
		await setTimeout(milliseconds);
		this.#timeline.add(this.#firstRow + place, begin, this.#timeline.now(), kind);
		this.#inside--;
		this.#leave(place);
		return begin;
	}

	#enter() {
		if (this.#free.length > 0) {
			// The lowest one, so that the rows of the timeline fill from the first.
			const place = Math.min(...this.#free);
			this.#free.splice(this.#free.indexOf(place), 1);
			return place;
		}

		return new Promise(resolve => {
			this.#queue.push(resolve);
		});
	}

	#leave(place) {
		const next = this.#queue.shift();
		if (next) {
			next(place);
		} else {
			this.#free.push(place);
		}
	}
}
