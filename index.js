'use strict';

const errors = require('./lib/errors.js');
const {compress, configure, decompress, hash} = require('./lib/kernels/kernels.js');
const {pLimit, limitFunction} = require('./lib/limit.js');
const {isWorkerThread, workerData} = require('./lib/pool/context.js');
const {move} = require('./lib/pool/moved.js');
const {Pool} = require('./lib/pool/pool.js');

const {InvalidArgError, NotCloneableError, PoolClosedError, QueueFullError, TaskTimeoutError, WorkerCrashedError} =
	errors;

// `require` gives the function itself, with all that is exported as its properties.
module.exports = pLimit;
Object.assign(module.exports, {
	default: pLimit,
	pLimit,
	limitFunction,
	Pool,
	move,
	isWorkerThread,
	workerData,
	hash,
	compress,
	decompress,
	configure,
	InvalidArgError,
	NotCloneableError,
	PoolClosedError,
	QueueFullError,
	TaskTimeoutError,
	WorkerCrashedError,
});
Object.defineProperty(module.exports, '__esModule', {value: true});
