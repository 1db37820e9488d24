import pLimit from './index.js';

export default pLimit;
export {pLimit};
export const {
	limitFunction,
	retryAfter,
	skip,
	isFulfilled,
	isRejected,
	bucketBounds,
	intervalBetween,
	Pool,
	move,
	isWorkerThread,
	workerData,
	hash,
	compress,
	decompress,
	configure,
	DeadlockError,
	InvalidArgError,
	ItemsFailedError,
	LimitClosedError,
	NotCloneableError,
	NoBinaryError,
	PoolClosedError,
	DroppedError,
	QueueFullError,
	QueueTimeoutError,
	RetryAfterError,
	TaskTimeoutError,
	WorkerCrashedError,
} = pLimit;
