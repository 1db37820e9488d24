// Counts what was left out, by reason.

import {count} from './format.mjs';

export class Skips {
	#counts;

	/** A plain object of counts, as it comes from another process. */
	constructor(counts = {}) {
		this.#counts = new Map(Object.entries(counts));
	}

	add(reason) {
		this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
	}

	get total() {
		let total = 0;
		for (const each of this.#counts.values()) {
			total += each;
		}

		return total;
	}

	toJSON() {
		return Object.fromEntries(this.#counts);
	}

	/** 'skipped: 3 (symbolic link: 2; unreadable, EACCES: 1)' */
	toString() {
		const reasons = [...this.#counts].map(([reason, number]) => `${reason}: ${count(number)}`);
		return `skipped: ${count(this.total)}${reasons.length > 0 ? ` (${reasons.join('; ')})` : ''}`;
	}
}
