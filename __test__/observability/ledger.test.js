'use strict';

// Random programs on one limit. Whatever they do, each call that was let in has one outcome, and the counts of `stats()`
// are those of the messages.

const assert = require('node:assert/strict');
const diagnostics = require('node:diagnostics_channel');
const {after, before, test} = require('node:test');
const {setImmediate: turn} = require('node:timers/promises');
const pLimit = require('p-lanes');

const PROGRAMS = 60;
const ENDS = ['fulfilled', 'rejected', 'aborted', 'timeout', 'queueTimeout', 'cleared'];

/** Random numbers that are the same in each run (mulberry32). */
const randomOf = seed => {
	let state = seed;
	const next = () => {
		state = (state + 0x6d_2b_79_f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};

	const below = number => Math.floor(next() * number);
	return {below, chance: part => next() < part, pick: list => list[below(list.length)]};
};

/** What the channels have told. */
const heard = [];
const listeners = ['queued', 'started', 'retried', 'settled', 'refused'].map(on => [
	`p-lanes:${on}`,
	message => heard.push({on, ...message}),
]);

before(() => {
	for (const [name, listener] of listeners) {
		diagnostics.subscribe(name, listener);
	}
});

after(() => {
	for (const [name, listener] of listeners) {
		diagnostics.unsubscribe(name, listener);
	}
});

/** A program on one limit. */
class Program {
	#random;
	#isNested;
	#promises = [];
	#controllers = [];
	/** Calls whose signals had aborted: they are counted, and publish nothing. */
	abortedBefore = 0;

	constructor(random) {
		this.#random = random;
		this.#isNested = random.chance(0.2);
		const nested = this.#isNested ? 'lend' : undefined;
		const maxQueue = random.pick([undefined, undefined, 0, 2, 5]);
		this.limit = pLimit({concurrency: 2 + random.below(3), rejectOnClear: true, maxQueue, nested});
	}

	#keep(promise) {
		promise.catch(() => {});
		this.#promises.push(promise);
	}

	#signal() {
		const controller = new AbortController();
		this.#controllers.push(controller);
		return controller.signal;
	}

	get #work() {
		const turns = this.#random.below(4);
		const fails = this.#random.chance(0.3);
		const end = () => {
			if (fails) {
				throw new Error('no');
			}
		};

		return this.#random.chance(0.2)
			? end
			: async () => {
					for (let done = 0; done < turns; done++) {
						await turn();
					}

					end();
				};
	}

	#works(most) {
		return Array.from({length: this.#random.below(most)}, () => this.#work);
	}

	/** A lane with options of all kinds. */
	#lane() {
		const {chance, below, pick} = this.#random;
		const options = {
			...(chance(0.3) ? {signal: this.#signal()} : undefined),
			...(chance(0.2) ? {timeout: pick([1, 60_000]), releaseSlot: chance(0.3)} : undefined),
			...(chance(0.2) ? {queueTimeout: pick([1, 60_000])} : undefined),
			...(chance(0.2) ? {retry: {retries: 2, minTimeout: 0}} : undefined),
			...(chance(0.2) ? {weight: 1 + below(2)} : undefined),
			...(chance(0.2) ? {priority: below(3)} : undefined),
		};
		return (chance(0.3) ? this.limit.offline : this.limit).with(options);
	}

	#abort() {
		if (this.#controllers.length > 0) {
			this.#random.pick(this.#controllers).abort();
		}
	}

	async #readSome(stream) {
		let left = this.#random.below(5);
		for await (const _ of stream) {
			if (left-- === 0) {
				return;
			}
		}
	}

	steps = {
		call: () => this.#keep(this.#lane()(this.#work)),
		aborted: () => {
			this.abortedBefore++;
			this.#keep(this.limit.with({signal: AbortSignal.abort()})(this.#work));
		},
		once: () => this.#keep(this.#lane().once(this.#random.below(3), this.#work)),
		map: () => {
			const stopOnError = this.#random.pick([undefined, true, false]);
			this.#keep(this.#lane().map(this.#works(6), work => work(), {stopOnError, signal: this.#signal()}));
		},
		settle: () => this.#keep(this.#lane().settle(this.#works(6), work => work())),
		stream: () => {
			const options = {ordered: this.#random.chance(0.5), settle: this.#random.chance(0.5)};
			this.#keep(this.#readSome(this.#lane().stream(this.#works(8), work => work(), options)));
		},
		inner: () => this.#keep(this.limit(() => Promise.allSettled([this.limit(this.#work), this.limit(this.#work)]))),
		resize: () => {
			this.limit.concurrency = 2 + this.#random.below(3);
		},
		abort: () => this.#abort(),
		clear: () => this.#random.pick([this.limit, this.limit.offline]).clearQueue(),
		turn: () => turn(),
	};

	async run() {
		const names = Object.keys(this.steps);
		// Calls inside of calls could wait for each other.
		const allowed = this.#isNested ? names : names.filter(name => name !== 'inner');
		for (let left = 20 + this.#random.below(30); left > 0; left--) {
			await this.steps[this.#random.pick(allowed)]();
			for (const lane of Object.values(lanesOf(this.limit))) {
				assert.equal(lane.granted, lane.settled + lane.active);
			}
		}

		if (this.#random.chance(0.3)) {
			this.#keep(this.limit.drain({timeout: 1}));
		}

		await Promise.allSettled(this.#promises);
		await this.limit.onIdle();
		await turn();
	}
}

const lanesOf = limit => {
	const {online, offline} = limit.snapshot();
	return {online, offline};
};

const sumOf = numbers => numbers.reduce((sum, number) => sum + number, 0);

/** Checks the messages of each call, and returns how many there were of each kind. */
const tally = messages => {
	const stories = new Map();
	const counts = {queued: 0, started: 0, retried: 0, refused: 0, clearedRunning: 0};
	for (const end of ENDS) {
		counts[end] = 0;
	}

	for (const {on, call, reason, items = 1} of messages) {
		if (on === 'refused') {
			counts.refused += items;
			continue;
		}

		const story = stories.get(call) ?? [];
		stories.set(call, story);
		const isRunning = reason === 'cleared' && story.includes('started');
		story.push(reason ?? on);
		counts[isRunning ? 'clearedRunning' : (reason ?? on)]++;
	}

	for (const story of stories.values()) {
		assert.match(
			story.join(' '),
			/^queued( started( retried)*)? (fulfilled|rejected|aborted|timeout|queueTimeout|cleared)$/,
		);
	}

	return counts;
};

for (let seed = 1; seed <= PROGRAMS; seed++) {
	test(`random program ${seed}`, async () => {
		const program = new Program(randomOf(seed));
		heard.length = 0;
		await program.run();
		const {limit} = program;
		const counts = tally(heard.filter(({call}) => call.limit === limit));
		const lanes = Object.values(lanesOf(limit));
		for (const {active, pending, granted, settled, wait, run} of lanes) {
			assert.deepEqual({active, pending, granted}, {active: 0, pending: 0, granted: settled});
			assert.deepEqual([wait.count, run.count], [granted, settled]);
			for (const {count, buckets} of [wait, run]) {
				assert.equal(sumOf(buckets.map(bucket => bucket.count)), count);
			}
		}

		const total = name => sumOf(lanes.map(lane => lane[name]));
		assert.equal(total('refused'), counts.refused);
		assert.equal(total('queueTimeouts'), counts.queueTimeout);
		assert.equal(total('timeouts'), counts.timeout);
		assert.ok(total('retries') <= counts.retried); // an attempt that was announced may not come
		// What is given up between its slot and its first line has been granted, and has not started.
		const unstarted = total('granted') - counts.started;
		const cleared = counts.cleared - total('cleared');
		const aborted = counts.aborted - (total('aborted') - program.abortedBefore);
		assert.ok(cleared >= 0 && aborted >= 0 && cleared + aborted <= unstarted, `${cleared} + ${aborted} > ${unstarted}`);
	});
}
