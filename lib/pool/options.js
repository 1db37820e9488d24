'use strict';

// Reads the options of `new Pool` and its methods.

const {statSync} = require('node:fs');
const {availableParallelism} = require('node:os');
const path = require('node:path');
const {URL, fileURLToPath, pathToFileURL} = require('node:url');
const {SHARE_ENV} = require('node:worker_threads');
const {
	checkMillis,
	checkObject,
	checkOfflineShare,
	checkWhole,
	isUrlObject,
	isWhole,
	readLane,
} = require('../common/checks.js');
const {InvalidArgError, invalid} = require('../common/errors.js');
const {kind} = require('../binding/binding.js');
const {checkSignal} = require('../common/signals.js');
const {checkLimit} = require('../limit/limit-option.js');
const {OptionNames} = require('../common/option-names.js');
const {requireFrom} = require('../common/place.js');
const {progressNames, readProgress} = require('../options/progress-options.js');
const {readSettle} = require('../options/call-options.js');
const {findWorkerFile, readWorkerFile} = require('./worker-file.js');
const {copyForThreads, readForThread} = require('./codec/copy-for-threads.js');

const poolNames = new OptionNames(
	[
		'filename',
		'name',
		'worker',
		'maxThreads',
		'minThreads',
		'idleTimeout',
		'startTimeout',
		'closeTimeout',
		'maxQueue',
		'concurrentTasksPerWorker',
		'reserve',
		'niceIncrement',
		'offlineShare',
		'abortGrace',
		'limit',
		'resourceLimits',
		'env',
		'argv',
		'execArgv',
		'workerData',
	],
	{
		// Those of piscina that are not here.
		atomics: 'a worker never blocks its event loop to wait for jobs',
		loadBalancer: 'an idle worker takes the jobs of a busy one',
		recordTiming: 'all jobs are timed; `stats()` has the figures',
		stricterFIFO: 'jobs of a lane start in the order of the calls',
		taskQueue: 'use the lanes to order jobs',
		workerHistogram: 'all jobs are timed; `stats()` has the figures',
	},
);

/** Node's. */
const resourceLimitNames = new OptionNames([
	'maxOldGenerationSizeMb',
	'maxYoungGenerationSizeMb',
	'codeRangeSizeMb',
	'stackSizeMb',
]);

/** `transferList` is refused with a reason by all but `run`. */
const runNames = new OptionNames(['filename', 'name', 'lane', 'signal', 'timeout', 'limit', 'transferList']);

const mapNames = new OptionNames([...runNames, 'stopOnError', 'settle', ...progressNames]);

const streamNames = new OptionNames([...mapNames, 'ordered', 'highWaterMark']);

const closeNames = new OptionNames(['force']);

/** Milliseconds that an aborted job has to end. */
const DEFAULT_ABORT_GRACE = 1000;
/** Milliseconds that a thread has to get ready. */
const DEFAULT_START_TIMEOUT = 30_000;
const DEFAULT_OFFLINE_SHARE = 1 / 16;
const DEFAULT_NICE_INCREMENT = 10;
const MAX_NICE_INCREMENT = 19;
const MAX_THREADS = 1024;
const MAX_TASKS_PER_WORKER = 2 ** 20;

const checkName = value => {
	if (typeof value !== 'string' || value === '') {
		throw invalid('name', 'the name of an exported function', value);
	}
};

const isUrl = value => isUrlObject(value) || (typeof value === 'string' && /^(file|data|node):/.test(value));

/**
 * Returns the file that `require` would load for an absolute path: the file itself, the file with an extension that
 * `require` knows, or the main file of a folder. Undefined if there is none.
 */
const findFile = file => {
	try {
		if (statSync(file, {throwIfNoEntry: false})?.isFile()) {
			return file;
		}
	} catch (error) {
		if (error.code !== 'ENOTDIR') {
			throw error; // Node 20 throws ENOTDIR where there is nothing behind a file
		}
	}

	try {
		return requireFrom(file).resolve(file);
	} catch {
		return undefined;
	}
};

/** Returns an absolute path. A slash at its end stays, after which `require` looks only for a folder. */
const absolute = given => path.resolve(given) + (/[\\/]$/.test(given) ? path.sep : '');

/** Returns the URL of the module to load, from a path or a URL. Throws if there is no such file. */
const readFilename = given => {
	if (!isUrl(given) && (typeof given !== 'string' || given === '')) {
		throw invalid('filename', 'a path or a URL of a module', given);
	}

	let file;
	try {
		const url = isUrl(given) ? new URL(given.href ?? given) : pathToFileURL(absolute(given));
		if (url.protocol === 'data:' || url.protocol === 'node:') {
			return url.href;
		}

		file = fileURLToPath(url);
		const found = findFile(file);
		if (found === file) {
			return url.href;
		}

		if (found !== undefined) {
			return pathToFileURL(found).href + url.search + url.hash;
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

const checkMillisOrInfinity = (name, value, min) => {
	if (value !== Number.POSITIVE_INFINITY) {
		checkMillis(name, value, min, ', or Infinity');
	}
};

const readThreads = ({minThreads, maxThreads}) => {
	if (maxThreads !== undefined) {
		checkWhole('maxThreads', maxThreads, 1, MAX_THREADS);
	}

	if (minThreads !== undefined) {
		checkWhole('minThreads', minThreads, 0, maxThreads ?? MAX_THREADS);
	}

	const max = maxThreads ?? Math.max(availableParallelism(), minThreads ?? 1);
	return {minThreads: minThreads ?? max, maxThreads: max, startsAtOnce: minThreads !== undefined};
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

/** Returns a copy of the limits that are given. */
const readResourceLimits = limits => {
	checkObject('resourceLimits', limits);
	if (Array.isArray(limits)) {
		throw invalid('resourceLimits', 'an object of numbers', limits);
	}

	const given = resourceLimitNames.read(limits, 'resourceLimits.');
	for (const [name, limit] of Object.entries(given)) {
		if (!(typeof limit === 'number' && limit > 0)) {
			throw invalid(`resourceLimits.${name}`, 'a number above 0', limit);
		}
	}

	return given;
};

/** Returns a copy of the environment as Node makes one. */
const readEnv = env => {
	if (typeof env !== 'object' || env === null) {
		throw invalid('env', 'an object or SHARE_ENV', env);
	}

	const copy = {};
	for (const [name, value] of Object.entries(env)) {
		if (typeof value === 'symbol') {
			throw invalid(`env.${name}`, 'a string', value);
		}

		copy[name] = String(value);
	}

	return copy;
};

/** Returns the path of a module, if its URL says no more than a path can. */
const pathOf = url => (/^file:[^?#]*$/.test(url) ? fileURLToPath(url) : url);

/** Returns the complete options of a pool. Throws before anything has begun. */
const readPoolOptions = (options = {}) => {
	checkObject('options', options);
	const given = poolNames.read(options);
	const {
		filename,
		name = 'default',
		worker,
		idleTimeout = 0,
		startTimeout = DEFAULT_START_TIMEOUT,
		closeTimeout = Number.POSITIVE_INFINITY,
		maxQueue,
		concurrentTasksPerWorker = 1,
		reserve = 'auto',
		niceIncrement = DEFAULT_NICE_INCREMENT,
		offlineShare = DEFAULT_OFFLINE_SHARE,
		abortGrace = DEFAULT_ABORT_GRACE,
		limit,
		resourceLimits,
		env,
		argv,
		execArgv,
		workerData = options.workerData, // `null` is a value
	} = given;
	const {minThreads, maxThreads, startsAtOnce} = readThreads(given);
	checkName(name);
	checkWhole('concurrentTasksPerWorker', concurrentTasksPerWorker, 1, MAX_TASKS_PER_WORKER);
	checkMillisOrInfinity('idleTimeout', idleTimeout, 0);
	checkMillisOrInfinity('startTimeout', startTimeout, 1);
	checkMillisOrInfinity('closeTimeout', closeTimeout, 0);
	checkMillis('abortGrace', abortGrace, 0);
	if (reserve !== 'auto' && !isWhole(reserve, 0, MAX_THREADS)) {
		throw invalid('reserve', `a whole number from 0 to ${MAX_THREADS} or 'auto'`, reserve);
	}

	checkWhole('niceIncrement', niceIncrement, 0, MAX_NICE_INCREMENT);

	checkOfflineShare(offlineShare);
	checkLimit(limit);

	if (argv !== undefined && !Array.isArray(argv)) {
		throw invalid('argv', 'an array', argv);
	}

	if (execArgv !== undefined && !(Array.isArray(execArgv) && execArgv.every(flag => typeof flag === 'string'))) {
		throw invalid('execArgv', 'an array of strings', execArgv);
	}

	const givenFile = worker === undefined ? undefined : readWorkerFile(worker);
	return {
		url: filename === undefined ? undefined : readFilename(filename),
		name,
		worker: givenFile && pathOf(givenFile.href),
		// Without the addon there are no threads, and the pool says that.
		workerFile: givenFile ?? (kind === 'addon' ? findWorkerFile() : undefined),
		minThreads,
		maxThreads,
		startsAtOnce,
		idleTimeout,
		startTimeout,
		closeTimeout,
		maxQueue: readMaxQueue(maxQueue, maxThreads),
		concurrentTasksPerWorker,
		reserve,
		niceIncrement,
		offlineShare,
		abortGrace,
		limit,
		// Copied now, so that all threads get the same, and no user code runs when they start.
		thread: {
			resourceLimits: resourceLimits && Object.freeze(readResourceLimits(resourceLimits)),
			env: env === undefined || env === SHARE_ENV ? env : Object.freeze(readEnv(env)),
			argv: argv && Object.freeze(argv.map(String)),
			execArgv: execArgv && Object.freeze([...execArgv]),
		},
		workerData: copyForThreads(workerData, 'workerData'),
	};
};

/** Returns what users see of the complete options of a pool: an object that they can't change. */
const publicOptions = ({url, workerFile, startsAtOnce, thread, workerData, ...options}) =>
	Object.freeze({
		filename: url && pathOf(url),
		...options,
		...thread,
		/** A copy, because threads that start later get a copy of the same value. */
		get workerData() {
			return readForThread(workerData);
		},
	});

/** Returns the options of `run`, or with other `names` those that `map` and `stream` share with it. */
const readRunOptions = (options, names = runNames) => {
	checkObject('options', options);
	names.check(options);
	// Each by itself, and not by `names.read`, because every job comes through here.
	const filename = options.filename ?? undefined;
	const name = options.name ?? undefined;
	const signal = options.signal ?? undefined;
	const timeout = options.timeout ?? undefined;
	const transferList = options.transferList ?? undefined;
	const lane = options.lane ?? 'online';
	const limit = options.limit ?? undefined;
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

/** Returns the options of `map`, or with `streamNames` those of `stream` that `map` has, too. */
const readManyOptions = (options, names = mapNames) => {
	const given = readRunOptions(options, names);
	const failures = readSettle(options, true);

	if (given.transferList !== undefined) {
		throw invalid(
			'transferList',
			'left to `run`; an item to be handed over is wrapped in `move()`',
			given.transferList,
		);
	}

	return {...given, ...failures, ...readProgress(options)};
};

module.exports = {
	closeNames,
	mapNames,
	poolNames,
	publicOptions,
	readFilename,
	readManyOptions,
	readPoolOptions,
	readRunOptions,
	resourceLimitNames,
	runNames,
	streamNames,
};
