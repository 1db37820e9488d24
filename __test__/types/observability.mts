import {subscribe} from 'node:diagnostics_channel';
import {expectTypeOf} from 'expect-type';
import pLimit, {
	bucketBounds,
	compress,
	type Histogram,
	hash,
	type IntervalHistogram,
	intervalBetween,
	type LimitInterval,
	type LimitSnapshot,
	type Messages,
	Pool,
	type PoolInterval,
	type PoolSnapshot,
	type Progress,
	type SettledReason,
	type SnapshotData,
} from 'p-lanes';

const limit = pLimit(4);
const pool = new Pool({filename: 'worker.js'});

const {online} = limit.stats();
for (const count of [
	online.refused,
	online.cleared,
	online.aborted,
	online.queueTimeouts,
	online.timeouts,
	online.retries,
]) {
	expectTypeOf(count).toEqualTypeOf<number>();
}

const snapshot = limit.snapshot();
expectTypeOf(snapshot).toEqualTypeOf<LimitSnapshot>();
expectTypeOf(snapshot.name).toEqualTypeOf<string | undefined>();
expectTypeOf(snapshot.online.wait).toEqualTypeOf<Histogram>();
expectTypeOf(snapshot.online.rateWait).toEqualTypeOf<Histogram | undefined>();
expectTypeOf(snapshot.online.granted).toEqualTypeOf<number>();
expectTypeOf(snapshot.online.wait.buckets).items.toHaveProperty('upTo').toEqualTypeOf<number>();
// @ts-expect-error a snapshot has buckets, not quantiles
snapshot.online.wait.p50;

const interval = limit.snapshot().since(snapshot);
expectTypeOf(interval).toEqualTypeOf<LimitInterval>();
expectTypeOf(interval.online.run).toEqualTypeOf<IntervalHistogram>();
expectTypeOf(interval.offline.rateWait).toEqualTypeOf<IntervalHistogram | undefined>();
expectTypeOf(interval.duration).toEqualTypeOf<number>();
// @ts-expect-error an interval has two times
interval.time;

const saved = JSON.parse('{}') as SnapshotData<LimitSnapshot>;
expectTypeOf(snapshot.since(saved)).toEqualTypeOf<LimitInterval>();
expectTypeOf(intervalBetween(saved, snapshot)).toEqualTypeOf<LimitInterval>();
expectTypeOf(bucketBounds()).toEqualTypeOf<number[]>();

expectTypeOf(pool.snapshot()).toEqualTypeOf<PoolSnapshot>();
expectTypeOf(pool.snapshot().since(pool.snapshot())).toEqualTypeOf<PoolInterval>();
expectTypeOf(pool.snapshot().offline.run).toEqualTypeOf<Histogram>();
expectTypeOf(pool.stats().online.settled).toEqualTypeOf<number>();
// @ts-expect-error only limits refuse calls
pool.stats().online.refused;

subscribe('p-lanes:settled', message => {
	const {call, reason, run} = message as Messages['p-lanes:settled'];
	expectTypeOf(reason).toEqualTypeOf<SettledReason>();
	expectTypeOf(run).toEqualTypeOf<number | undefined>();
	expectTypeOf(call.lane).toEqualTypeOf<'online' | 'offline'>();
});

const onProgress = (progress: Progress) => {
	expectTypeOf(progress.total).toEqualTypeOf<number | undefined>();
	expectTypeOf(progress.rate).toEqualTypeOf<number>();
};
const options = {onProgress, progressInterval: 50};
limit.map([1], async item => item, options);
limit.settle([1], async item => item, options);
limit.stream([1], async item => item, options);
limit.offline.transform(async (item: number) => item, options);
pool.map([1], options);
pool.stream([1], options);
hash.map('sha256', ['a'], options);
hash.files('sha256', ['a'], options);
compress.map('gzip', ['a'], options);
limit.map([1], async item => item, {onProgress: null, progressInterval: undefined});
// @ts-expect-error milliseconds
limit.map([1], async item => item, {progressInterval: '5'});
