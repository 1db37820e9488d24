// The URLs that are to be visited, each once. As an async iterable it waits while there is none, and ends when none can come any more.

export class Frontier {
	#waiting = [];
	#seen = new Set();
	#underWay = 0;
	/** @type {(value?: unknown) => void} */
	#wake = () => {};
	#most;

	constructor({most}) {
		this.#most = most;
	}

	/** Adds a URL, unless it was there before, or as many as may be. */
	add(url, depth) {
		if (!this.#seen.has(url) && this.#seen.size < this.#most) {
			this.#seen.add(url);
			this.#waiting.push({url, depth});
			this.#wake();
		}
	}

	/** Tells that a URL was visited, and that all of its links are added. */
	done() {
		this.#underWay--;
		this.#wake();
	}

	async *[Symbol.asyncIterator]() {
		while (this.#waiting.length > 0 || this.#underWay > 0) {
			if (this.#waiting.length === 0) {
				await new Promise(resolve => {
					this.#wake = resolve;
				});
			} else {
				this.#underWay++;
				yield this.#waiting.shift();
			}
		}
	}
}
