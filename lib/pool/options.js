'use strict';

// What `new Pool` and its methods take.

const {statSync} = require('node:fs');
const {availableParallelism} = require('node:os');
const path = require('node:path');
const {fileURLToPath, pathToFileURL} = require('node:url');
const {SHARE_ENV} = require('node:worker_threads');
const {
	checkMillis,
	checkObject,
	checkOfflineShare,
	checkSignal,
	checkWhole,
	isWhole,
	readLane,
} = require('../checks.js');
const {InvalidArgError, invalid} = require('../errors.js');
const {checkLimit} = require('../under.js');
const {isCloneable, notCloneable} = require('./codec.js');

/** Milliseconds that an aborted job has to end by itself. */
const DEFAULT_ABORT_GRACE = 1000;
const MOST_THREADS = 1024;
const MOST_TASKS_PER_WORKER = 2 ** 20;

const checkName = value => {
	if (typeof value !== 'string' || value === '') {
		throw invalid('name', 'the name of an exported function', value);
	}
};

const isUrl = value => value instanceof URL || (typeof value === 'string' && /^(file|data|node):/.test(value));

/** The URL to import, of a path or a URL. Throws where there is no such file. */
const readFilename = given => {
	if (!isUrl(given) && (typeof given !== 'string' || given === '')) {
		throw invalid('filename', 'a path or a URL of a module', given);
	}

	let file;
	try {
		const url = isUrl(given) ? new URL(given) : pathToFileURL(path.resolve(given));
		if (url.protocol === 'data:' || url.protocol === 'node:') {
			return url.href;
		}

		file = fileURLToPath(url);
		if (statSync(file, {throwIfNoEntry: false})?.isFile()) {
			return url.href;
		}
	} catch (error) {
		throw invalid('filename', `a path, or a file:, data: or node: URL of a module (${error.message})`, given);
	}

	throw new InvalidArgError(`\`filename\` must be a file that exists: there is no ${file}`);
};

const checkTransferList = list => {
	if (!Array.isArray(list)) {
		throw invalid('transferList', 'an array of objects that can be transferred', list);
	}
};

const readThreads = ({minThreads, maxThreads}) => {
	if (maxThreads !== undefined) {
		checkWhole('maxThreads', maxThreads, 1, MOST_THREADS);
	}

	if (minThreads !== undefined) {
		checkWhole('minThreads', minThreads, 0, maxThreads ?? MOST_THREADS);
	}

	const most = maxThreads ?? Math.max(availableParallelism(), minThreads ?? 1);
	return {minThreads: minThreads ?? most, maxThreads: most, startsAtOnce: minThreads !== undefined};
};

const readMaxQueue = (maxQueue, maxThreads) => {
	if (maxQueue === undefined) {
		return Number.POSITIVE_INFINITY;
	}

	if (maxQueue === 'auto') {
		return maxThreads ** 2;
	}

	if (maxQueue !== Number.POSITIVE_INFINITY && !isWhole(maxQueue, 0)) {
		throw invalid('maxQueue', "a whole number from 0, Infinity or 'auto'", maxQueue);
	}

	return maxQueue;
};

const checkResourceLimits = limits => {
	checkObject('resourceLimits', limits);
	if (Array.isArray(limits)) {
		throw invalid('resourceLimits', 'an object of numbers', limits);
	}

	for (const [name, limit] of Object.entries(limits)) {
		if (limit !== undefined && !(typeof limit === 'number' && limit > 0)) {
			throw invalid(`resourceLimits.${name}`, 'a number above 0', limit);
		}
	}
};

const checkEnv = env => {
	if (typeof env !== 'object' || env === null) {
		throw invalid('env', 'an object or SHARE_ENV', env);
	}

	for (const [name, value] of Object.entries(env)) {
		if (typeof value === 'symbol') {
			throw invalid(`env.${name}`, 'a string', value);
		}
	}
};

/** The pool's options in full. Throws before anything has begun. */
const readPoolOptions = (options = {}) => {
	checkObject('options', options);
	const {
		filename,
		name = 'default',
		idleTimeout = 0,
		maxQueue,
		concurrentTasksPerWorker = 1,
		reserve,
		offlineShare,
		abortGrace = DEFAULT_ABORT_GRACE,
		limit,
		resourceLimits,
		env,
		argv,
		execArgv,
		workerData,
	} = options;
	const {minThreads, maxThreads, startsAtOnce} = readThreads(options);
	checkName(name);
	checkWhole('concurrentTasksPerWorker', concurrentTasksPerWorker, 1, MOST_TASKS_PER_WORKER);
	if (idleTimeout !== Number.POSITIVE_INFINITY) {
		checkMillis('idleTimeout', idleTimeout, 0);
	}

	checkMillis('abortGrace', abortGrace, 0);
	if (reserve !== undefined) {
		checkWhole('reserve', reserve, 0, maxThreads - 1);
	}

	checkOfflineShare(offlineShare);
	checkLimit(limit);

	if (resourceLimits !== undefined) {
		checkResourceLimits(resourceLimits);
	}

	if (env !== undefined && env !== SHARE_ENV) {
		checkEnv(env);
	}

	if (argv !== undefined && !Array.isArray(argv)) {
		throw invalid('argv', 'an array', argv);
	}

	if (execArgv !== undefined && !(Array.isArray(execArgv) && execArgv.every(flag => typeof flag === 'string'))) {
		throw invalid('execArgv', 'an array of strings', execArgv);
	}

	if (!isCloneable(workerData)) {
		throw notCloneable(workerData, 'workerData');
	}

	return {
		url: filename === undefined ? undefined : readFilename(filename),
		name,
		minThreads,
		maxThreads,
		startsAtOnce,
		idleTimeout,
		maxQueue: readMaxQueue(maxQueue, maxThreads),
		concurrentTasksPerWorker,
		reserve,
		offlineShare,
		abortGrace,
		limit,
		thread: {resourceLimits, env, argv, execArgv},
		// As it is now, for all threads, whenever they start.
		workerData: structuredClone(workerData),
	};
};

/** What `run` and its kin take, with the lane as Rust numbers it. */
const readRunOptions = options => {
	checkObject('options', options);
	const {filename, name, signal, timeout, transferList, lane = 'online', limit} = options;
	checkLimit(limit);
	if (name !== undefined) {
		checkName(name);
	}

	if (signal !== undefined) {
		checkSignal(signal);
	}

	if (timeout !== undefined) {
		checkMillis('timeout', timeout, 1);
	}

	if (transferList !== undefined) {
		checkTransferList(transferList);
	}

	return {filename, name, signal, timeout, transferList, lane: readLane(lane), limit};
};

/** What `map` and `stream` take. */
const readManyOptions = options => {
	const given = readRunOptions(options);
	if (given.transferList !== undefined) {
		throw invalid(
			'transferList',
			'left to `run`; an item to be handed over is wrapped in `move()`',
			given.transferList,
		);
	}

	return given;
};

module.exports = {readFilename, readManyOptions, readPoolOptions, readRunOptions};
