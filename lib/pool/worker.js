'use strict';

// A worker thread: takes one job after another from Rust and calls the user's function for each.

const {syncBuiltinESMExports} = require('node:module');
const threads = require('node:worker_threads');
const {enterPool, describeFunction} = require('../binding/binding.js');
const {decode} = require('./codec/decode.js');
const {encode, encodeFailed, encodeResults, isPosted, prepare} = require('./codec/encode.js');
const {encodeThrown} = require('./codec/encode-thrown.js');
const {kinds} = require('./codec/kinds.js');
const {post, readBody, readPosted} = require('./codec/post.js');
const {findFunction, load} = require('./load-function.js');
const {loadModule} = require('./load-module.js');
const {outside} = require('../common/context.js');
const {AbortController, abortError, nextTick, now, setImmediate, setTimeout} = require('../common/environment.js');
const {version} = require('../common/place.js');
const {isPrimitive} = require('../common/promises.js');

const ownContext = threads.workerData?.pLanes;

if (ownContext === undefined) {
	throw new Error(
		'`p-lanes/worker` is for worker threads, which a `Pool` starts: give its file as the option `worker`',
	);
}

if (ownContext.version !== version) {
	throw new Error(
		`the worker file is of p-lanes ${version}, and the pool is of p-lanes ${ownContext.version}: build or install both together`,
	);
}

const {pool, worker, onlineOnly, channel, concurrentTasks, tasksBegun, start, name} = ownContext;

// For `worker-context.js`, in every copy of the package.
ownContext.data = readBody(ownContext.data);
Object.defineProperty(globalThis, Symbol.for('p-lanes.worker'), {value: ownContext});

/** In place of a job number: the thread has to end. */
const LEAVE = -2;
/** In place of a job number: another worker should take the job. If it does not in that time, this one does. */
const LATER = -3;

/** A flag of a job: its task comes by a message of its own, without being asked for. */
const BY_MESSAGE = 4;

/** How a job has ended, as Rust numbers it. */
const FULFILLED = 0;
const REJECTED = 1;

/** Milliseconds of jobs in a row, before timers, logging and the like may run. */
const SLICE = 5;

/** Milliseconds after which the rest of a bundle goes back to the parent. */
const MAX_BUNDLE_MILLIS = 1;

/** The controllers of running jobs, by job. Undefined while the function has not read its signal. */
const running = new Map();

/** The user's function to call before this thread ends. */
let teardown;

let calls;
let ints;
let sliceBegan = 0;
let isYielding = false;

/** In place of a controller: the job was aborted before the function read its signal. */
const ABORTED = Symbol('aborted');

/** The second argument of a function. The signal is made when it is first read. */
class TaskContext {
	#job;

	constructor(job) {
		this.#job = job;
	}

	/** Aborted when the job is aborted or its `timeout` is over. */
	get signal() {
		let controller = running.get(this.#job);
		if (controller === undefined) {
			controller = new AbortController();
			// A job that has ended is never aborted.
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

/** Ends a job. No code of the user runs any more: it could end other jobs, whose numbers are in `ints` then. */
const end = (job, news, {kind, payload}, done = 1) => {
	running.delete(job);
	ints[0] = job;
	ints[1] = kind;
	ints[2] = news;
	ints[3] = done;
	calls.end(payload);
};

const reject = (job, error) => {
	const encoded = encodeThrown(error, thrown => {
		post(channel, {job}, thrown, 'error');
	});
	end(job, REJECTED, encoded);
};

const fulfilEncoded = (job, encoded, done) => {
	if (encoded.kind === kinds.port) {
		post(channel, {job}, encoded, 'result');
	}

	end(job, FULFILLED, encoded, done);
};

const fulfil = (job, result) => {
	try {
		fulfilEncoded(job, encode(result, 'result'));
	} catch (error) {
		reject(job, error);
	}
};

/** The user's functions by number. While one loads, its promise. */
const loaded = [];

const functionOf = number => {
	if (loaded[number] === undefined) {
		const loading = load(JSON.parse(describeFunction(pool, number)));
		loaded[number] = loading;
		loading.then(
			fn => {
				loaded[number] = fn;
			},
			() => {}, // every job that waits for it gets the error
		);
	}

	return loaded[number];
};

/** Returns whether `Promise.resolve` has to look at the `then` of a result. It is not read here, but only there. */
const mayBeThenable = result => !isPrimitive(result) && 'then' in result;

const run = (job, fn, task) => {
	let result;
	try {
		result = fn(task, new TaskContext(job));
		if (!mayBeThenable(result)) {
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
			takeJobs();
		},
		error => {
			reject(job, error);
			takeJobs();
		},
	);
};

/** Ends a bundle at a task that has failed, with the prepared results of the tasks before it. */
const rejectTask = (job, results, error) => {
	const encoded = encodeThrown(error, thrown => {
		post(channel, {job}, encodeFailed(results, thrown), 'error');
	});
	end(job, REJECTED, encoded.kind === kinds.port ? encoded : encodeFailed(results, encoded), results.length + 1);
};

/** Ends a bundle with the prepared results of the tasks that were run. */
const fulfilTasks = (job, results) => {
	try {
		fulfilEncoded(job, encodeResults(results), results.length);
	} catch (error) {
		rejectTask(job, results.slice(0, -1), error); // it can only be the last one that Node refuses to post
	}
};

/**
 * Runs a bundle, task by task. If the tasks take too long or one fails, the rest goes back to the parent. So it does
 * after a result that has to be posted: if Node refuses it, only that task has failed.
 */
const runTasks = (job, fn, tasks) => {
	const began = now();
	const context = new TaskContext(job);
	const results = [];
	// At once: the next task may change what this one has returned.
	const add = result => {
		results.push(prepare(result, 'result'));
	};

	const runRemaining = () => {
		do {
			tasksBegun[0] = results.length + 1;
			const result = outside(fn, tasks[results.length], context); // not in the context of the task before
			if (mayBeThenable(result)) {
				return Promise.resolve(result).then(value => {
					add(value);
					return isDone() ? undefined : runRemaining();
				});
			}

			add(result);
		} while (!isDone());

		return undefined;
	};

	const isDone = () =>
		results.length === tasks.length || isPosted(results[results.length - 1]) || now() - began > MAX_BUNDLE_MILLIS;

	let remaining;
	try {
		remaining = runRemaining();
	} catch (error) {
		rejectTask(job, results, error);
		return;
	}

	if (remaining === undefined) {
		fulfilTasks(job, results);
		return;
	}

	remaining.then(
		() => {
			fulfilTasks(job, results);
			takeJobs();
		},
		error => {
			rejectTask(job, results, error);
			takeJobs();
		},
	);
};

/** Ends a job none of whose tasks can be run. */
const rejectUnrun = (job, kind, error) => {
	if (kind === kinds.bundle) {
		rejectTask(job, [], error); // the others come again, one by one
	} else {
		reject(job, error);
	}
};

/** By job: the port of its posted task, if it came before the job, or the function that gets it. */
const ports = new Map();

const portCame = ({job, port}) => {
	const resolve = ports.get(job);
	if (resolve === undefined) {
		ports.set(job, port);
	} else {
		ports.delete(job);
		resolve(port);
	}
};

/** Returns the port of a posted task, or a promise of it. */
const portOf = (job, isOnItsWay) => {
	const port = ports.get(job);
	ports.delete(job);
	return (
		port ??
		new Promise(resolve => {
			ports.set(job, resolve);
			if (!isOnItsWay) {
				channel.postMessage({need: job});
			}
		})
	);
};

const runPosted = async (job, fn, isOnItsWay) => {
	try {
		const port = await portOf(job, isOnItsWay);
		const {message} = threads.receiveMessageOnPort(port);
		port.close();
		run(job, typeof fn === 'function' ? fn : await whenLoaded(job, fn), readPosted(message));
	} catch (error) {
		reject(job, error);
	}

	takeJobs();
};

/** Returns the function of a job when it is loaded. Throws if the job was aborted meanwhile, so that it does not begin. */
const whenLoaded = async (job, loading) => {
	const fn = await loading;
	if (running.get(job) === ABORTED) {
		throw abortError(); // the caller has got its reason
	}

	return fn;
};

const runLoading = async (job, kind, loading, task) => {
	try {
		runnerOf(kind)(job, await whenLoaded(job, loading), task);
	} catch (error) {
		rejectUnrun(job, kind, error);
	}

	takeJobs();
};

const runnerOf = kind => (kind === kinds.bundle ? runTasks : run);

const begin = (job, kind, number, flags, payload) => {
	running.set(job, undefined);
	tasksBegun[0] = 0;
	const fn = functionOf(number);
	if (kind === kinds.port) {
		runPosted(job, fn, (flags & BY_MESSAGE) !== 0);
		return;
	}

	let task;
	try {
		task = decode(kind, payload);
	} catch (error) {
		rejectUnrun(job, kind, error);
		return;
	}

	if (typeof fn === 'function') {
		runnerOf(kind)(job, fn, task);
	} else {
		runLoading(job, kind, fn, task);
	}
};

/** Takes jobs until there are none, the worker runs `concurrentTasks`, or the slice is over. */
const takeJobs = () => {
	if (isYielding) {
		return;
	}

	while (running.size < concurrentTasks) {
		if (now() - sliceBegan > SLICE) {
			isYielding = true;
			setImmediate(startSlice);
			return;
		}

		const payload = calls.take();
		const [job, kind, number, flags] = ints;
		if (job < 0) {
			if (job === LEAVE && running.size === 0) {
				leave();
			} else if (job === LATER) {
				takeJobsIn(kind);
			}

			return;
		}

		outside(begin, job, kind, number, flags, payload); // not in the context of the job that ended before
	}
};

let isLater = false;

const takeJobsIn = milliseconds => {
	if (!isLater) {
		isLater = true;
		setTimeout(() => {
			isLater = false;
			startSlice();
		}, milliseconds);
	}
};

/** Starts a slice. Called from the event loop, after waiting timers and events had their turn. */
const startSlice = () => {
	isYielding = false;
	sliceBegan = now();
	takeJobs();
};

const onRing = () => {
	if (calls === undefined) {
		return; // rung before `enterPool` returned; `main` takes jobs afterwards
	}

	for (;;) {
		calls.interrupted();
		if (ints[0] < 0) {
			break;
		}

		interrupt(ints[0]);
	}

	startSlice();
};

let left = false;

/** Asks the parent to end this thread, after the user's `teardown`, and after the output of the last jobs is out. */
const leave = () => {
	if (left) {
		return;
	}

	left = true;
	endOrderly().then(() => {
		setImmediate(() => {
			channel.postMessage({left: true});
		});
	}, throwUncaught);
};

const endOrderly = async () => {
	if (typeof teardown === 'function') {
		channel.postMessage({leaving: true});
		await teardown();
	}
};

/** Loads the module of the pool and runs its `setup`. Tells the parent what this thread waits for. */
const setUp = async () => {
	const wait = what => {
		channel.postMessage({waitsFor: what});
	};
	wait(`the import of ${start}`);
	const module = await loadModule(start);
	/** Returns an export, or a property of what is exported as default, which may be promised. */
	const find = async key => {
		if (module[key] === undefined) {
			wait(`the promise that is exported as 'default' of ${start}`);
		}

		return module[key] ?? (await module.default)?.[key];
	};

	const setup = await find('setup');
	if (typeof setup === 'function') {
		wait(`\`setup\` of ${start}`);
		await setup();
	}

	wait(`the promise that is exported as '${name}' of ${start}`);
	await findFunction(module, name);
	teardown = await find('teardown');
};

const main = async () => {
	// For code that imports `workerData` from Node.
	threads.workerData = ownContext.data;
	syncBuiltinESMExports();

	channel.on('message', portCame);

	if (start !== undefined) {
		await setUp();
	}

	calls = enterPool(pool, worker, onlineOnly, onRing);
	if (calls === null) {
		channel.close(); // the pool is gone, and nothing else keeps this thread alive
		return;
	}

	({ints} = calls);
	channel.postMessage({ready: true});
	startSlice();
};

/** Throws outside of any promise: an uncaught error of the thread, which the parent gets. */
const throwUncaught = error => {
	nextTick(() => {
		throw error;
	});
};

main().catch(throwUncaught);
