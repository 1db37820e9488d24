import pLimit from './index.js';

export type Lane = pLimit.Lane;
export type Limit = pLimit.Limit;
export type LimitFunction = pLimit.LimitFunction;
export type LimitOptions = pLimit.LimitOptions;
export type JoinOptions = pLimit.JoinOptions;
export type AdaptiveOptions = pLimit.AdaptiveOptions;
export type LimitRate = pLimit.LimitRate;
export type RateOptions = pLimit.RateOptions;
export type KeyedOptions = pLimit.KeyedOptions;
export type KeyedLimits<
	Key = unknown,
	Total extends pLimit.Limit | undefined = pLimit.Limit | undefined,
> = pLimit.KeyedLimits<Key, Total>;
export type ClearOptions = pLimit.ClearOptions;
export type Options = pLimit.Options;
export type TaskOptions = pLimit.TaskOptions;
export type RetryOptions = pLimit.RetryOptions;
export type LimitMapOptions = pLimit.LimitMapOptions;
export type LimitStreamOptions = pLimit.LimitStreamOptions;
export type LimitStats = pLimit.LimitStats;
export type AdaptiveStats = pLimit.AdaptiveStats;
export type AdaptiveReason = pLimit.AdaptiveReason;
export type RateStats = pLimit.RateStats;
export type LaneStats = pLimit.LaneStats;
export type Quantiles = pLimit.Quantiles;

export type LaneName = pLimit.LaneName;
export type TaskContext = pLimit.TaskContext;
export type PoolOptions = pLimit.PoolOptions;
export type RunOptions = pLimit.RunOptions;
export type MapOptions = pLimit.MapOptions;
export type StreamOptions = pLimit.StreamOptions;
export type PoolStats = pLimit.PoolStats;
export type PoolLane = pLimit.PoolLane;
export type PoolEvents = pLimit.PoolEvents;

export type HashAlgorithm = pLimit.HashAlgorithm;
export type CompressionFormat = pLimit.CompressionFormat;
export type KernelInput = pLimit.KernelInput;
export type KernelOptions = pLimit.KernelOptions;
export type HashOptions = pLimit.HashOptions;
export type HashOf<Options extends HashOptions> = pLimit.HashOf<Options>;
export type CompressOptions = pLimit.CompressOptions;
export type DecompressOptions = pLimit.DecompressOptions;

export import hash = pLimit.hash;
export import compress = pLimit.compress;
export import decompress = pLimit.decompress;
export import configure = pLimit.configure;
export import Pool = pLimit.Pool;
export import isWorkerThread = pLimit.isWorkerThread;
export import workerData = pLimit.workerData;
export import move = pLimit.move;
export import DeadlockError = pLimit.DeadlockError;
export import LimitClosedError = pLimit.LimitClosedError;
export import QueueTimeoutError = pLimit.QueueTimeoutError;
export import retryAfter = pLimit.retryAfter;
export import InvalidArgError = pLimit.InvalidArgError;
export import NotCloneableError = pLimit.NotCloneableError;
export import PoolClosedError = pLimit.PoolClosedError;
export import QueueFullError = pLimit.QueueFullError;
export import TaskTimeoutError = pLimit.TaskTimeoutError;
export import WorkerCrashedError = pLimit.WorkerCrashedError;
export import limitFunction = pLimit.limitFunction;

export {pLimit};
export default pLimit;
