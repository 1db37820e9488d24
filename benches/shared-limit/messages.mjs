// What one has without a shared limit: a limiter in the main thread, that workers reach by messages.
//
// Written as well as that can be: all that a thread wants and has ended within a turn is one message, and so is all that it
// is granted; a task never leaves its thread.

/** In the main thread: so many slots for whoever is attached. */
export class Host {
	#free;
	/** Who wants slots, and how many, in the order in which they came. */
	#wanting = [];
	/** By port: how many slots were granted in this turn. */
	#granted = new Map();

	constructor(concurrency) {
		this.#free = concurrency;
	}

	attach(port) {
		port.on('message', ([wanted, ended]) => {
			this.#free += ended;
			if (wanted > 0) {
				this.#wanting.push({port, wanted});
			}

			this.#grant();
		});
	}

	#grant() {
		while (this.#free > 0 && this.#wanting.length > 0) {
			const [first] = this.#wanting;
			const granted = Math.min(this.#free, first.wanted);
			this.#free -= granted;
			first.wanted -= granted;
			if (first.wanted === 0) {
				this.#wanting.shift();
			}

			if (this.#granted.size === 0) {
				setImmediate(() => this.#tell());
			}

			this.#granted.set(first.port, (this.#granted.get(first.port) ?? 0) + granted);
		}
	}

	#tell() {
		for (const [port, granted] of this.#granted) {
			port.postMessage(granted);
		}

		this.#granted.clear();
	}
}

/** In a worker: the limiter's `limit`. */
export const attached = port => {
	let waiting = [];
	let first = 0;
	let [wanted, ended] = [0, 0];
	const tell = () => {
		port.postMessage([wanted, ended]);
		[wanted, ended] = [0, 0];
	};
	const tellSoon = () => {
		if (wanted + ended === 0) {
			queueMicrotask(tell);
		}
	};
	const end = () => {
		tellSoon();
		ended++;
	};
	port.on('message', granted => {
		for (let slot = 0; slot < granted; slot++) {
			waiting[first++]();
		}

		if (first === waiting.length) {
			waiting = [];
			first = 0;
		}
	});
	return async task => {
		await new Promise(resolve => {
			waiting.push(resolve);
			tellSoon();
			wanted++;
		});
		try {
			return await task();
		} finally {
			end();
		}
	};
};
