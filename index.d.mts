import pLimit from './index.js';

export type Lane<Rate extends pLimit.AnyRate = pLimit.AnyRate> = pLimit.Lane<Rate>;
export type Limit<
	Rate extends pLimit.AnyRate = pLimit.AnyRate,
	Adaptive extends pLimit.AdaptiveStats | undefined = pLimit.AdaptiveStats | undefined,
> = pLimit.Limit<Rate, Adaptive>;
export type WithRate = pLimit.WithRate;
export type WithQuotas<Names extends string> = pLimit.WithQuotas<Names>;
export type RatesOf<Names extends string> = pLimit.RatesOf<Names>;
export type QuotaRates = pLimit.QuotaRates;
export type AnyRate = pLimit.AnyRate;
export type WithAdaptive = pLimit.WithAdaptive;
export type ContextLane<Rate extends pLimit.AnyRate = pLimit.AnyRate> = pLimit.ContextLane<Rate>;
export type ContextLimit<
	Rate extends pLimit.AnyRate = pLimit.AnyRate,
	Adaptive extends pLimit.AdaptiveStats | undefined = pLimit.AdaptiveStats | undefined,
> = pLimit.ContextLimit<Rate, Adaptive>;
export type LaneMethods<Context extends unknown[], Rate extends pLimit.AnyRate = pLimit.AnyRate> = pLimit.LaneMethods<
	Context,
	Rate
>;
export type WithContext<Options extends {readonly context?: boolean | null | undefined}> = pLimit.WithContext<Options>;
export type LimitFunction = pLimit.LimitFunction;
export type LimitOptions = pLimit.LimitOptions;
export type JoinOptions = pLimit.JoinOptions;
export type AdaptiveOptions = pLimit.AdaptiveOptions;
export type LimitRate = pLimit.LimitRate;
export type QuotaCosts = pLimit.QuotaCosts;
export type QuotaOptions = pLimit.QuotaOptions;
export type RateOptions = pLimit.RateOptions;
export type ReserveOptions = pLimit.ReserveOptions;
export type KeyedOptions<Key = unknown> = pLimit.KeyedOptions<Key>;
export type KeyOptions = pLimit.KeyOptions;
export type KeyedLaneStats = pLimit.KeyedLaneStats;
export type KeyedStats<Total extends pLimit.Limit | undefined = pLimit.Limit | undefined> = pLimit.KeyedStats<Total>;
export type KeyedLimits<
	Key = unknown,
	Total extends pLimit.Limit | undefined = pLimit.Limit | undefined,
	Of extends pLimit.Limit | pLimit.ContextLimit = pLimit.Limit,
> = pLimit.KeyedLimits<Key, Total, Of>;
export type WithTotal = pLimit.WithTotal;
export type ChainOptions = pLimit.ChainOptions;
export type ClearOptions = pLimit.ClearOptions;
export type Options = pLimit.Options;
export type AbortSignalLike = pLimit.AbortSignalLike;
export type TaskOptions = pLimit.TaskOptions;
export type RetryOptions = pLimit.RetryOptions;
export type FailureOptions = pLimit.FailureOptions;
export type ItemOptions<Item> = pLimit.ItemOptions<Item>;
// biome-ignore lint/suspicious/noExplicitAny: of a map whose items are not known
export type LimitMapOptions<Item = any> = pLimit.LimitMapOptions<Item>;
// biome-ignore lint/suspicious/noExplicitAny: of a stream whose items are not known
export type LimitStreamOptions<Item = any> = pLimit.LimitStreamOptions<Item>;
export type Fulfilled<Item, Value> = pLimit.Fulfilled<Item, Value>;
export type Rejected<Item> = pLimit.Rejected<Item>;
export type Outcome<Item, Value> = pLimit.Outcome<Item, Value>;
export type ItemFailure<Item> = pLimit.ItemFailure<Item>;
export type Settling<Options extends {readonly settle?: false | null | undefined}> = pLimit.Settling<Options>;
export type RunContext = pLimit.RunContext;
export type ObserveOptions = pLimit.ObserveOptions;
export type RateLimitReading = pLimit.RateLimitReading;
export type AcquireOptions = pLimit.AcquireOptions;
export type Slot = pLimit.Slot;
export type DrainOptions = pLimit.DrainOptions;
export type DrainReport = pLimit.DrainReport;
export type UnfinishedCalls = pLimit.UnfinishedCalls;
export type LabelCount = pLimit.LabelCount;
export type LimitStats = pLimit.LimitStats;
export type LimitSnapshot = pLimit.LimitSnapshot;
export type LaneSnapshot<Stats = pLimit.LaneStats> = pLimit.LaneSnapshot<Stats>;
export type SnapshotData<Snapshot> = pLimit.SnapshotData<Snapshot>;
export type Histogram = pLimit.Histogram;
export type HistogramBucket = pLimit.HistogramBucket;
export type Interval = pLimit.Interval;
export type LimitInterval = pLimit.LimitInterval;
export type LaneInterval<Stats = pLimit.LaneStats> = pLimit.LaneInterval<Stats>;
export type IntervalHistogram = pLimit.IntervalHistogram;
export import intervalBetween = pLimit.intervalBetween;
export import bucketBounds = pLimit.bucketBounds;
export type TracedCall = pLimit.TracedCall;
export type SettledReason = pLimit.SettledReason;
export type Messages = pLimit.Messages;
export type Progress = pLimit.Progress;
export type ProgressOptions = pLimit.ProgressOptions;
export type OldestCall = pLimit.OldestCall;
export type AdaptiveStats = pLimit.AdaptiveStats;
export type ReserveStats = pLimit.ReserveStats;
export type ReserveReason = pLimit.ReserveReason;
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
export type PoolSnapshot = pLimit.PoolSnapshot;
export type PoolInterval = pLimit.PoolInterval;
export type PoolLaneStats = pLimit.PoolLaneStats;
export type PoolLane = pLimit.PoolLane;
export type PoolOptionsInForce = pLimit.PoolOptionsInForce;
export type TypedPoolLane<Module, Default extends string = 'default'> = pLimit.TypedPoolLane<Module, Default>;
export type FunctionName<Module> = pLimit.FunctionName<Module>;
export type TaskOf<Module, Name = 'default'> = pLimit.TaskOf<Module, Name>;
export type ResultOf<Module, Name = 'default'> = pLimit.ResultOf<Module, Name>;
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
export import ItemsFailedError = pLimit.ItemsFailedError;
export import LimitClosedError = pLimit.LimitClosedError;
export import QueueTimeoutError = pLimit.QueueTimeoutError;
export import RetryAfterError = pLimit.RetryAfterError;
export type RetryContext = pLimit.RetryContext;
export type ResultDuplex<Result> = pLimit.ResultDuplex<Result>;
export import retryAfter = pLimit.retryAfter;
export import skip = pLimit.skip;
export import isFulfilled = pLimit.isFulfilled;
export import isRejected = pLimit.isRejected;
export import InvalidArgError = pLimit.InvalidArgError;
export import NotCloneableError = pLimit.NotCloneableError;
export import NoBinaryError = pLimit.NoBinaryError;
export import PoolClosedError = pLimit.PoolClosedError;
export type Overflow = pLimit.Overflow;
export type Call<ReturnType> = pLimit.Call<ReturnType>;
export type CallFilter = pLimit.CallFilter;
export type CallOptions = pLimit.CallOptions;
export type ListedCall = pLimit.ListedCall;
export import DroppedError = pLimit.DroppedError;
export import QueueFullError = pLimit.QueueFullError;
export import TaskTimeoutError = pLimit.TaskTimeoutError;
export import WorkerCrashedError = pLimit.WorkerCrashedError;
export import limitFunction = pLimit.limitFunction;

export {pLimit};
export default pLimit;
