import {expectTypeOf} from 'expect-type';
import pLimit, {
	InvalidArgError,
	type Lane,
	type LaneStats,
	type Limit,
	type LimitFunction,
	type LimitOptions,
	type LimitStats,
	limitFunction,
	pLimit as named,
	type Options,
	type Quantiles,
} from 'p-lanes';

const limit = pLimit(2);
expectTypeOf(limit).toEqualTypeOf<Limit>();
expectTypeOf<LimitFunction>().toEqualTypeOf<Limit>();
expectTypeOf<Options>().toEqualTypeOf<LimitOptions>();
expectTypeOf(named).toEqualTypeOf(pLimit);
expectTypeOf(pLimit({concurrency: 1, rejectOnClear: true, reserve: 0, offlineShare: 0.5})).toEqualTypeOf<Limit>();

// p-limit's own generics.
const input = [limit(async () => 'foo'), limit(async () => 'bar'), limit(async () => undefined)];
expectTypeOf(Promise.all(input)).resolves.toEqualTypeOf<(string | undefined)[]>();
expectTypeOf(limit((_a: string) => '', 'test')).toEqualTypeOf<Promise<string>>();
expectTypeOf(limit(async (_a: string, _b: number) => '', 'test', 1)).toEqualTypeOf<Promise<string>>();
expectTypeOf(limit.activeCount).toEqualTypeOf<number>();
expectTypeOf(limit.pendingCount).toEqualTypeOf<number>();
expectTypeOf(limit.clearQueue()).toEqualTypeOf<void>();
expectTypeOf(limit.map([1, 2], async (item, index) => `${item + index}`)).toEqualTypeOf<Promise<string[]>>();
expectTypeOf(limit.map(new Set(['a']), item => item.length)).toEqualTypeOf<Promise<number[]>>();
limit.concurrency = 3;
// @ts-expect-error counts are read only
limit.activeCount = 3;
// @ts-expect-error arguments are those of the function
limit((_a: string) => '', 1);
// @ts-expect-error concurrency is a number
pLimit('2');
// @ts-expect-error and there has to be one
pLimit({});
// @ts-expect-error a share is a number
pLimit({concurrency: 1, offlineShare: 'half'});

// Lanes are p-limits.
expectTypeOf(limit.offline).toEqualTypeOf<Lane>();
expectTypeOf(limit.online).toEqualTypeOf<Lane>();
expectTypeOf(limit.offline(() => 1)).toEqualTypeOf<Promise<number>>();
// @ts-expect-error a lane has no lanes
limit.offline.online;
// @ts-expect-error lanes stay as they are
limit.offline = limit.online;

expectTypeOf(limit.stats()).toEqualTypeOf<LimitStats>();
expectTypeOf(limit.stats().offline).toEqualTypeOf<LaneStats>();
expectTypeOf(limit.stats().offline.wait).toEqualTypeOf<Quantiles>();

const limited = limitFunction(async (_a: string) => '', {concurrency: 1});
expectTypeOf(limited('')).toEqualTypeOf<Promise<string>>();
expectTypeOf(limited.clearQueue).toExtend<() => void>();
expectTypeOf(limitFunction((a: number) => a, 1)(1)).toEqualTypeOf<Promise<number>>();
// @ts-expect-error arguments are those of the function
limited(1);

const error: unknown = undefined;
if (error instanceof InvalidArgError) {
	expectTypeOf(error.code).toEqualTypeOf<'ERR_INVALID_ARG'>();
	expectTypeOf(error).toExtend<TypeError>();
}
