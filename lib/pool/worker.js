'use strict';

// A worker thread: takes one job after another from Rust and calls the user's function for each.

const {syncBuiltinESMExports} = require('node:module');
const {performance} = require('node:perf_hooks');
const process = require('node:process');
const threads = require('node:worker_threads');
const {enterPool, describeFunction} = require('../../binding.js');
const {kinds, decode, encode, encodeResults, encodeThrown, lastKind, post, received} = require('./codec.js');
const {load} = require('./load.js');
const {Moved} = require('./moved.js');
const {isPrimitive} = require('../promises.js');

const own = threads.workerData.pLanes;
const {pool, worker, channel, concurrentTasks, start, data} = own;

// For `context.js`, in however many copies of the package.
Object.defineProperty(globalThis, Symbol.for('p-lanes.worker'), {value: own});

/** In place of a job. */
const LEAVE = -2;
/** The news of a job's end, as Rust numbers them. */
const FULFILLED = 0;
const REJECTED = 1;

/** Milliseconds for which jobs may follow each other before timers, logging and the like get their turn. */
const SLICE = 5;

/** Milliseconds after which tasks that travelled together are parted. */
const LONGEST_TOGETHER = 1;

/** The controllers of what runs here, by job; undefined while nobody has asked for its signal. */
const running = new Map();

let calls;
let ints;
let sliceBegan = 0;
let resting = false;

/** In place of a controller: the job was aborted before anyone asked for its signal. */
const ABORTED = Symbol('aborted');

/** What a function gets beside its task. The signal is made when it is asked for. */
class TaskContext {
	#job;

	constructor(job) {
		this.#job = job;
	}

	/** Aborted when the job is, or when its time is up. */
	get signal() {
		let controller = running.get(this.#job);
		if (controller === undefined) {
			controller = new AbortController();
			// After the end nothing aborts it any more.
			if (running.has(this.#job)) {
				running.set(this.#job, controller);
			}
		} else if (controller === ABORTED) {
			controller = new AbortController();
			controller.abort();
			running.set(this.#job, controller);
		}

		return controller.signal;
	}
}

const interrupt = job => {
	const controller = running.get(job);
	if (controller instanceof AbortController) {
		controller.abort();
	} else if (running.has(job)) {
		running.set(job, ABORTED);
	}
};

const end = (job, kind, news, payload, done = 1) => {
	running.delete(job);
	ints[0] = job;
	ints[1] = kind;
	ints[2] = news;
	ints[3] = done;
	calls.end(payload);
};

const reject = (job, error) => {
	const payload = encodeThrown(error, thrown => {
		post(channel, {job}, thrown, 'error');
	});
	end(job, lastKind(), REJECTED, payload);
};

const fulfil = (job, result) => {
	try {
		if (result instanceof Moved) {
			const {value, transferList} = result;
			post(channel, {job}, value, 'result', transferList);
			end(job, kinds.port, FULFILLED);
			return;
		}

		const payload = encode(result, 'result');
		const kind = lastKind();
		if (kind === kinds.port) {
			post(channel, {job}, result, 'result');
		}

		end(job, kind, FULFILLED, payload);
	} catch (error) {
		reject(job, error);
	}
};

/** The user's functions by number: a function, or the promise of one. */
const loaded = [];

const functionOf = number => {
	if (loaded[number] === undefined) {
		const loading = load(JSON.parse(describeFunction(pool, number)));
		loaded[number] = loading;
		loading.then(
			fn => {
				loaded[number] = fn;
			},
			() => {}, // told to each job that waits for it
		);
	}

	return loaded[number];
};

const run = (job, fn, task) => {
	let result;
	try {
		result = fn(task, new TaskContext(job));
		if (isPrimitive(result) || typeof result.then !== 'function') {
			fulfil(job, result);
			return;
		}
	} catch (error) {
		reject(job, error);
		return;
	}

	Promise.resolve(result).then(
		value => {
			fulfil(job, value);
			turn();
		},
		error => {
			reject(job, error);
			turn();
		},
	);
};

/** Ends a job of several tasks, with the results of those that were run. */
const fulfilTasks = (job, results) => {
	try {
		const moved = results.filter(result => result instanceof Moved);
		const payload = moved.length === 0 ? encodeResults(results) : undefined;
		if (payload === undefined) {
			const values = results.map(result => (result instanceof Moved ? result.value : result));
			const transferList = moved.flatMap(({transferList}) => transferList);
			post(channel, {job}, values, 'result', transferList);
			end(job, kinds.port, FULFILLED, undefined, results.length);
			return;
		}

		end(job, lastKind(), FULFILLED, payload, results.length);
	} catch (error) {
		reject(job, error);
	}
};

/** Runs tasks one after the other; where they take longer than they were thought to, others get the rest. */
const runTasks = (job, fn, tasks) => {
	const began = performance.now();
	const context = new TaskContext(job);
	const results = [];
	const goOn = () => {
		do {
			const result = fn(tasks[results.length], context);
			if (!isPrimitive(result) && typeof result.then === 'function') {
				return Promise.resolve(result).then(value => {
					results.push(value);
					return isDone() ? undefined : goOn();
				});
			}

			results.push(result);
		} while (!isDone());

		return undefined;
	};

	const isDone = () => results.length === tasks.length || performance.now() - began > LONGEST_TOGETHER;

	let going;
	try {
		going = goOn();
	} catch (error) {
		reject(job, error);
		return;
	}

	if (going === undefined) {
		fulfilTasks(job, results);
		return;
	}

	going.then(
		() => {
			fulfilTasks(job, results);
			turn();
		},
		error => {
			reject(job, error);
			turn();
		},
	);
};

/** Tasks that are on their way through the channel, by job. */
const awaited = new Map();

const runPosted = async (job, fn) => {
	try {
		const port = await new Promise(resolve => {
			awaited.set(job, resolve);
			channel.postMessage({need: job});
		});
		const {message} = threads.receiveMessageOnPort(port);
		port.close();
		run(job, typeof fn === 'function' ? fn : await fn, received(message));
	} catch (error) {
		reject(job, error);
	}

	turn();
};

const runLoading = async (job, runner, fn, task) => {
	try {
		runner(job, await fn, task);
	} catch (error) {
		reject(job, error);
	}

	turn();
};

const begin = (job, kind, number, payload) => {
	running.set(job, undefined);
	const fn = functionOf(number);
	if (kind === kinds.port) {
		runPosted(job, fn);
		return;
	}

	let task;
	try {
		task = decode(kind, payload);
	} catch (error) {
		reject(job, error);
		return;
	}

	const runner = kind === kinds.bundle ? runTasks : run;
	if (typeof fn === 'function') {
		runner(job, fn, task);
	} else {
		runLoading(job, runner, fn, task);
	}
};

/** Takes jobs until there is none, or this worker has as many as it may. */
const turn = () => {
	if (resting) {
		return;
	}

	while (running.size < concurrentTasks) {
		if (performance.now() - sliceBegan > SLICE) {
			resting = true;
			setImmediate(newTurn);
			return;
		}

		const payload = calls.take();
		const [job, kind, number] = ints;
		if (job < 0) {
			if (job === LEAVE && running.size === 0) {
				leave();
			}

			return;
		}

		begin(job, kind, number, payload);
	}
};

/** From the event loop: whoever waited for it has had its turn. */
const newTurn = () => {
	resting = false;
	sliceBegan = performance.now();
	turn();
};

const onRing = () => {
	if (calls === undefined) {
		return; // rung while still entering; `main` looks for jobs itself
	}

	for (;;) {
		calls.interrupted();
		if (ints[0] < 0) {
			break;
		}

		interrupt(ints[0]);
	}

	newTurn();
};

let left = false;

/** The parent ends this thread; what the last jobs have written gets out first. */
const leave = () => {
	if (!left) {
		left = true;
		setImmediate(() => {
			channel.postMessage({left: true});
		});
	}
};

const main = async () => {
	// For code that asks Node and not us.
	threads.workerData = data;
	syncBuiltinESMExports();

	channel.on('message', ({job, port}) => {
		awaited.get(job)(port);
		awaited.delete(job);
	});

	if (start !== undefined) {
		const module = await import(start);
		const setup = module.setup ?? module.default?.setup;
		if (typeof setup === 'function') {
			await setup();
		}
	}

	calls = enterPool(pool, worker, onRing);
	if (calls === null) {
		channel.close(); // the pool is gone, and nothing holds this thread any more
		return;
	}

	({ints} = calls);
	channel.postMessage({ready: true});
	newTurn();
};

// Thrown outside of any promise, it is the thread's uncaught error, and the parent is told of it.
main().catch(error => {
	process.nextTick(() => {
		throw error;
	});
});
