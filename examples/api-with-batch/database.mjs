// Stands for a database that has a fixed number of connections, and refuses a query when all of them are in use.

import {setTimeout as sleep} from 'node:timers/promises';

export class Database {
	#users = new Map();
	#inUse = 0;

	#latency;

	constructor({connections, users, latency}) {
		this.connections = connections;
		this.#latency = latency;
		for (let id = 1; id <= users; id++) {
			this.#users.set(id, {id, orders: [id, 2 * id, 3 * id], total: 0});
		}
	}

	async #query(work) {
		if (this.#inUse === this.connections) {
			throw new Error(`all ${this.connections} connections are in use`);
		}

		this.#inUse++;
		try {
			await sleep(this.#latency * (0.5 + Math.random()));
			return work();
		} finally {
			this.#inUse--;
		}
	}

	userIds() {
		return this.#query(() => [...this.#users.keys()]);
	}

	/** `undefined` if there is none. */
	user(id) {
		return this.#query(() => structuredClone(this.#users.get(id)));
	}

	setTotal(id, total) {
		return this.#query(() => {
			this.#users.get(id).total = total;
		});
	}
}
