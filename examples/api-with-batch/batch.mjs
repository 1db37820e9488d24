// The nightly batch: adds up the orders of every user.

/** Milliseconds from a moment until an hour of the day comes next. */
export const untilHour = (hour, now = new Date()) => {
	const next = new Date(now);
	next.setHours(hour, 0, 0, 0);
	if (next <= now) {
		next.setDate(next.getDate() + 1);
	}

	return next.getTime() - now.getTime();
};

export class Batch {
	#limit;
	#database;
	isRunning = false;
	/** How far the batch is, or how far the last one came. */
	progress = {done: 0, failed: 0};

	constructor(limit, database) {
		this.#limit = limit;
		this.#database = database;
	}

	/** Runs every night from now on. */
	schedule(hour) {
		setTimeout(async () => {
			if (!this.isRunning) {
				await this.run();
			}

			this.schedule(hour);
		}, untilHour(hour));
	}

	/** Runs now. It never rejects: failures are counted and logged. */
	async run() {
		this.isRunning = true;
		this.progress = {done: 0, failed: 0};
		const onProgress = progress => {
			this.progress = progress;
		};
		try {
			// In the offline lane the batch takes the slots that no request needs. A query that fails is tried twice more.
			const lane = this.#limit.offline.with({retry: {retries: 2, minTimeout: 100}});
			const ids = await lane(() => this.#database.userIds());
			const outcomes = await lane.settle(ids, id => this.#addUp(id), {onProgress});
			const failures = outcomes.filter(({status}) => status === 'rejected');
			for (const {reason} of failures.slice(0, 5)) {
				console.error('a user has failed:', reason);
			}
		} catch (error) {
			console.error('the batch has failed:', error);
		} finally {
			this.isRunning = false;
			console.log(`batch: ${this.progress.done} users, ${this.progress.failed} of them failed`);
		}
	}

	async #addUp(id) {
		const {orders} = await this.#database.user(id);
		await this.#database.setTotal(
			id,
			orders.reduce((sum, order) => sum + order, 0),
		);
	}
}
