import pLimit from './index.js';

export default pLimit;
export {pLimit};
export const {
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
} = pLimit;
