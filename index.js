'use strict';

const {NoBinaryError} = require('./lib/binding/no-binary-error.js');
const errors = require('./lib/common/errors.js');
const kernels = require('./lib/kernels/exports.js');
const {skip} = require('./lib/common/skip.js');
const {pLimit, limitFunction} = require('./lib/limit/limit.js');
const {isFulfilled, isRejected} = require('./lib/map/outcomes.js');
const {retryAfter} = require('./lib/options/retry-after.js');
const {isWorkerThread, workerData} = require('./lib/pool/worker-context.js');
const {bucketBounds, intervalBetween} = require('./lib/observe/exports.js');
const {move} = require('./lib/pool/move.js');
const {Pool} = require('./lib/pool/pool.js');

// `require` returns the function itself. All exports are its properties, assigned one by one, so that Node finds
// their names for an `import` of this file.
module.exports = pLimit;
module.exports.default = pLimit;
module.exports.pLimit = pLimit;
module.exports.limitFunction = limitFunction;
module.exports.retryAfter = retryAfter;
module.exports.skip = skip;
module.exports.isFulfilled = isFulfilled;
module.exports.isRejected = isRejected;
module.exports.bucketBounds = bucketBounds;
module.exports.intervalBetween = intervalBetween;
module.exports.Pool = Pool;
module.exports.move = move;
module.exports.isWorkerThread = isWorkerThread;
module.exports.workerData = workerData;
module.exports.hash = kernels.hash;
module.exports.compress = kernels.compress;
module.exports.decompress = kernels.decompress;
module.exports.configure = kernels.configure;
module.exports.DeadlockError = errors.DeadlockError;
module.exports.InvalidArgError = errors.InvalidArgError;
module.exports.ItemsFailedError = errors.ItemsFailedError;
module.exports.LimitClosedError = errors.LimitClosedError;
module.exports.NotCloneableError = errors.NotCloneableError;
module.exports.NoBinaryError = NoBinaryError;
module.exports.PoolClosedError = errors.PoolClosedError;
module.exports.DroppedError = errors.DroppedError;
module.exports.QueueFullError = errors.QueueFullError;
module.exports.QueueTimeoutError = errors.QueueTimeoutError;
module.exports.RetryAfterError = errors.RetryAfterError;
module.exports.TaskTimeoutError = errors.TaskTimeoutError;
module.exports.WorkerCrashedError = errors.WorkerCrashedError;
Object.defineProperty(module.exports, '__esModule', {value: true});
