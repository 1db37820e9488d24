import process from 'node:process';
import type {Duplex} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {AbortController as StandIn} from 'abort-controller';
import {expectTypeOf} from 'expect-type';
import pLimit, {
	type AbortSignalLike,
	type AcquireOptions,
	type Call,
	type ContextLane,
	type ContextLimit,
	DeadlockError,
	type DrainOptions,
	type DrainReport,
	type Fulfilled,
	hash,
	ItemsFailedError,
	isFulfilled,
	isRejected,
	type LabelCount,
	type Lane,
	type Limit,
	LimitClosedError,
	type LimitMapOptions,
	type LimitStreamOptions,
	limitFunction,
	type Outcome,
	Pool,
	QueueFullError,
	QueueTimeoutError,
	type Rejected,
	type ResultDuplex,
	RetryAfterError,
	type RetryContext,
	type RetryOptions,
	retryAfter,
	type Slot,
	skip,
	type TaskOptions,
	TaskTimeoutError,
} from 'p-lanes';

const {signal} = new AbortController();
const limit = pLimit({
	concurrency: 4,
	maxQueue: {online: 10, offline: Number.POSITIVE_INFINITY},
	overflow: 'wait',
	name: 'mails',
	nested: 'lend',
});
expectTypeOf(limit).toEqualTypeOf<Limit>();
pLimit({concurrency: 1, maxQueue: 10, overflow: 'reject', nested: 'detect'});
pLimit({concurrency: 1, maxQueue: 10, overflow: 'drop-oldest'}).stats().online.dropped.toFixed();
pLimit({concurrency: 1, maxQueue: 10, overflow: 'drop-lowest'});
pLimit({concurrency: 1, maxQueue: undefined, overflow: undefined, nested: undefined, name: undefined});
pLimit({concurrency: 1, maxQueue: {offline: 1}});
pLimit({concurrency: 1, lane: 'offline', timeout: 1000, retry: {retries: 1}, signal, label: 'one'});
pLimit({name: 'mails', priority: 1, weight: 2, cost: 0, queueTimeout: 10, releaseSlot: null});
pLimit.keyed({concurrency: 1, timeout: 1000, total: {concurrency: 1, retry: 3}});
// @ts-expect-error a timeout is a number
pLimit({concurrency: 1, timeout: '1s'});
// @ts-expect-error a number, or one for each lane
pLimit({concurrency: 1, maxQueue: '10'});
// @ts-expect-error there are two lanes
pLimit({concurrency: 1, maxQueue: {express: 1}});
// @ts-expect-error it is refused or waited for
pLimit({concurrency: 1, overflow: 'drop'});
// @ts-expect-error it was no limit
pLimit({concurrency: 1, nested: 'inherit'});
// @ts-expect-error there are two ways
pLimit({concurrency: 1, nested: true});
// @ts-expect-error a name is a string
pLimit({concurrency: 1, name: 1});

// chain
expectTypeOf(limit.chain(pLimit(2))).toEqualTypeOf<Limit>();
limit.chain(pLimit(2).chain(limit), {weight: 2, cost: 0}).offline.with({cost: 3});
limit.chain(pLimit(2), {weight: null, cost: undefined});
// @ts-expect-error a lane has a lane of its own
limit.chain(limit.offline);
// @ts-expect-error priorities are those of the call
limit.chain(pLimit(2), {priority: 1});

// with
const lane = limit.with({
	lane: 'offline',
	priority: -1,
	weight: 2,
	signal,
	queueTimeout: 100,
	timeout: 1000,
	retry: {
		retries: 3,
		minTimeout: 10,
		maxTimeout: 100,
		factor: 1.5,
		randomize: true,
		maxRetryTime: 10_000,
		shouldRetry: ({error, retriesLeft}) => error instanceof Error && retriesLeft > 1,
		onFailedAttempt(context) {
			expectTypeOf(context).toEqualTypeOf<RetryContext>();
		},
		signal,
		retryAfter,
		maxRetryAfter: Number.POSITIVE_INFINITY,
		scope: 'lane',
	},
});
expectTypeOf(lane).toEqualTypeOf<Limit>();
expectTypeOf(lane.with({retry: 3})).toEqualTypeOf<Limit>();
expectTypeOf(limit.offline.with({})).toEqualTypeOf<Lane>();
expectTypeOf(lane((_a: string) => 1, 'a')).toEqualTypeOf<Promise<number>>();
expectTypeOf<Parameters<Limit['with']>>().toEqualTypeOf<[options: TaskOptions]>();
limit.with({retry: {shouldRetry: async () => true, retryAfter: async () => undefined}});
limit.with({signal: undefined, timeout: undefined, retry: undefined, priority: undefined});
// @ts-expect-error arguments are those of the function
lane((_a: string) => 1, 2);
// @ts-expect-error it takes options
limit.with();
// @ts-expect-error there are two lanes
limit.with({lane: 'express'});
// @ts-expect-error a priority is a number
limit.with({priority: 'high'});
// @ts-expect-error a weight is a number
limit.with({weight: '2'});
limit.with({signal: new StandIn().signal});
limit.map([1], x => x, {signal: new StandIn().signal});
const leastSignal: AbortSignalLike = {aborted: false, addEventListener() {}, removeEventListener() {}};
limit.stream([1], x => x, {signal: leastSignal});
hash('sha256', 'text', {signal: leastSignal});
new Pool({filename: 'a.js'}).run(1, {signal: leastSignal});

// @ts-expect-error a listener that can not be removed
limit.with({signal: {aborted: false, addEventListener() {}}});

// @ts-expect-error a signal, and not what has one
limit.with({signal: new AbortController()});
// @ts-expect-error milliseconds
limit.with({timeout: '1s'});
// @ts-expect-error milliseconds
limit.with({queueTimeout: new Date()});
// @ts-expect-error how often, and not whether
limit.with({retry: true});
// @ts-expect-error the old name of p-retry's option
limit.with({retry: {minTimeoutMs: 1}});
// @ts-expect-error what retryAfter tells is a number
limit.with({retry: {retryAfter: () => 'soon'}});
// What is thrown may be anything, as in `catch` of JavaScript and in p-retry.
limit.with({retry: {shouldRetry: ({error}) => error.message === ''}});
limit.with({retry: {shouldRetry: ({error: {status}}) => status === 503}});
limit.with({retry: {onFailedAttempt: ({error, retriesLeft}) => console.log(error.message, retriesLeft)}});
limit.with({retry: {retryAfter: error => Number(error.seconds) * 1000}});
limit.with({retry: {retryAfter: (error: unknown) => retryAfter(error)}});
pLimit({concurrency: {isOverload: error => error.status === 529}});
pLimit({concurrency: {isOverload: ({status}) => status === 529}});
// @ts-expect-error a scope is a call, a lane or a limit
limit.with({retry: {scope: 'all'}});
// @ts-expect-error there is no such option
limit.with({delay: 1});
// @ts-expect-error a lane has no pause: the limit does
limit.offline.with({priority: 1}).pause();
expectTypeOf(lane.run(({signal, attempt, lane}) => [signal, attempt, lane] as const)).toEqualTypeOf<
	Call<readonly [AbortSignal, number, 'online' | 'offline']>
>();
expectTypeOf(lane.run(async () => 1, {timeout: 10, releaseSlot: true, label: 'one'})).toEqualTypeOf<Call<number>>();
const held = limit.run(() => 'text', {id: 'mine', priority: 1});
expectTypeOf(held.then(text => text.length)).toEqualTypeOf<Promise<number>>();
expectTypeOf(held.id).toEqualTypeOf<string | number | undefined>();
expectTypeOf(held.state).toEqualTypeOf<'waiting' | 'running' | 'settled'>();
expectTypeOf(held.cancel(new Error('no'))).toEqualTypeOf<boolean>();
held.priority = 2;
held.lane = 'offline';
// @ts-expect-error an id does not change
held.id = 'other';
// @ts-expect-error there are two lanes
held.lane = 'fast';
expectTypeOf(limit.call('mine')).toEqualTypeOf<Call<unknown> | undefined>();
expectTypeOf(limit.setPriority(1, 2)).toEqualTypeOf<boolean>();
expectTypeOf(limit.calls({state: 'running', lane: 'online'})[0].age).toEqualTypeOf<number | undefined>();
// @ts-expect-error a call that is settled is not listed
limit.calls({state: 'settled'});
// @ts-expect-error a lane lists no calls: the limit does
limit.online.calls();
limit.maxQueue = 5;
limit.maxQueue = {offline: 5};
expectTypeOf(limit.maxQueue.online).toEqualTypeOf<number>();
limit.reserve = {wait: 5};
limit.reserve = 'auto';
limit.offlineShare = 0.5;
lane.run(async () => 1, {attemptTimeout: 10, context: null});

// slots
const slot = await limit.offline.acquire({weight: 2, signal, timeout: 10, releaseSlot: true, label: 'one'});
expectTypeOf(slot).toEqualTypeOf<Slot>();
expectTypeOf(slot.signal).toEqualTypeOf<AbortSignal>();
expectTypeOf(slot.lane).toEqualTypeOf<'online' | 'offline'>();
expectTypeOf(slot.release(new Error('no'))).toEqualTypeOf<void>();
expectTypeOf(limit.tryAcquire()).toEqualTypeOf<Slot | undefined>();
expectTypeOf(limit.with({context: true}).acquire()).toEqualTypeOf<Promise<Slot>>();
expectTypeOf<keyof AcquireOptions>().toEqualTypeOf<
	Exclude<keyof TaskOptions, 'retry' | 'attemptTimeout' | 'context'>
>();
// @ts-expect-error there is no function to call again
limit.acquire({retry: 1});
// @ts-expect-error a slot is there or not
limit.tryAcquire().release();

// context
const withContext = limit.with({context: true, timeout: 10});
expectTypeOf(withContext).toEqualTypeOf<ContextLimit>();
expectTypeOf(pLimit({concurrency: 1, context: true})).toEqualTypeOf<ContextLimit>();
expectTypeOf(pLimit({name: 'mails', context: true})).toEqualTypeOf<ContextLimit>();
expectTypeOf(pLimit({concurrency: 1, context: false})).toEqualTypeOf<Limit>();
expectTypeOf(withContext.with({label: 'one'})).toEqualTypeOf<ContextLimit>();
expectTypeOf(withContext.with({context: false})).toEqualTypeOf<Limit>();
expectTypeOf(withContext.offline).toEqualTypeOf<ContextLane>();
expectTypeOf(limit.offline.with({context: true})).toEqualTypeOf<ContextLane>();
expectTypeOf(withContext.chain(limit)).toEqualTypeOf<ContextLimit>();
expectTypeOf(limit.chain(withContext)).toEqualTypeOf<Limit>();
expectTypeOf(withContext(({signal, attempt}, url: string) => [signal, attempt, url] as const, 'a')).toEqualTypeOf<
	Promise<readonly [AbortSignal, number, string]>
>();
expectTypeOf(withContext.map(['a'], (item, index, {attempt}) => [item, index, attempt] as const)).toEqualTypeOf<
	Promise<Array<readonly [string, number, number]>>
>();
expectTypeOf(withContext.once('key', ({attempt}, a: string) => [attempt, a] as const, 'a')).toEqualTypeOf<
	Promise<readonly [number, string]>
>();
expectTypeOf(limit.once('key', (a: string) => a, 'a')).toEqualTypeOf<Promise<string>>();
withContext.pauseFor(withContext.stats().concurrency);
expectTypeOf(limitFunction(({attempt}, a: string) => `${attempt}${a}`, {concurrency: 1, context: true})).toExtend<
	(a: string) => Promise<string>
>();
new Pool({filename: 'worker.js', limit: withContext});
// @ts-expect-error the second argument is a string
withContext((_context, a: string) => a, 1);
// @ts-expect-error mappers get no context without the option
limit.map(['a'], (_item, _index, {attempt}) => attempt);

// @ts-expect-error a label is a string
lane.run(() => 1, {label: 1});
// @ts-expect-error it has no arguments
lane.run((_a: string) => 1);
// @ts-expect-error nor can it be drained
limit.offline.drain();
lane.drain();
expectTypeOf<TaskOptions['retry']>().toEqualTypeOf<number | RetryOptions | null | undefined>();
expectTypeOf<TaskOptions['lane']>().toEqualTypeOf<'online' | 'offline' | null | undefined>();

// map and settle
const mapOptions: LimitMapOptions = {signal, stopOnError: false, shuffle: true};
expectTypeOf(limit.map([1], String, mapOptions)).toEqualTypeOf<Promise<string[]>>();
expectTypeOf(limit.map([1], async item => item, {})).toEqualTypeOf<Promise<number[]>>();
expectTypeOf(limit.settle([1], String)).toEqualTypeOf<Promise<Array<Outcome<number, string>>>>();
expectTypeOf(limit.settle([1], String)).toExtend<Promise<Array<PromiseSettledResult<string>>>>();
expectTypeOf(limit.map([1], String, {settle: true, shuffle: true})).toEqualTypeOf<
	Promise<Array<Outcome<number, string>>>
>();
expectTypeOf(
	lane.settle(new Set(['a']), async (item, index) => item.length + index, {signal, shuffle: true}),
).toEqualTypeOf<Promise<Array<Outcome<string, number>>>>();
// @ts-expect-error it stops or it does not
limit.map([1], String, {stopOnError: 'first'});
// @ts-expect-error it is shuffled or it is not
limit.map([1], String, {shuffle: 1});
// @ts-expect-error the limit has it
limit.map([1], String, {concurrency: 1});
// @ts-expect-error settle never stops
limit.settle([1], String, {stopOnError: true});
// @ts-expect-error settle never stops
limit.map([1], String, {settle: true, stopOnError: true});
// @ts-expect-error settle settles
limit.settle([1], String, {settle: true});
// @ts-expect-error the item is a number
limit.settle([1], (item: string) => item);

// map of an async iterable
declare const words: AsyncIterable<string>;
expectTypeOf(limit.map(words, word => word.length)).toEqualTypeOf<Promise<number[]>>();
expectTypeOf(limit.map(words, async word => word.length, {stopOnError: true, signal})).toEqualTypeOf<
	Promise<number[]>
>();
expectTypeOf(limit.settle(words, word => word.length)).toEqualTypeOf<Promise<Array<Outcome<string, number>>>>();
expectTypeOf(limit.map(words, word => word.length, {settle: true})).toEqualTypeOf<
	Promise<Array<Outcome<string, number>>>
>();
// @ts-expect-error its items begin as they come
limit.map(words, word => word.length, {shuffle: true});

// A cost for each item.
limit.map(['a'], String, {cost: word => word.length});
limit.settle(['a'], String, {cost: (word, index) => word.length + index});
limit.map(words, String, {cost: word => word.length});
limit.stream(words, String, {cost: word => word.length});
limit.stream(['a'], String, {cost: word => word.length, settle: true});
const costly: LimitMapOptions<string> = {cost: word => word.length};
limit.map(['a'], String, costly);
// @ts-expect-error a cost is a number
limit.map(['a'], String, {cost: word => word});
// @ts-expect-error `with` gives all the same
limit.map(['a'], String, {cost: 1});

// skip
const even = (item: number) => (item % 2 === 0 ? item : skip);
expectTypeOf(limit.map([1], even)).toEqualTypeOf<Promise<number[]>>();
expectTypeOf(limit.map([1], async item => even(item))).toEqualTypeOf<Promise<number[]>>();
expectTypeOf(limit.settle([1], even)).toEqualTypeOf<Promise<Array<Outcome<number, number>>>>();
expectTypeOf(limit.stream([1], even)).toEqualTypeOf<AsyncIterableIterator<number>>();
expectTypeOf(pLimit.skip).toEqualTypeOf<typeof skip>();
const generic = <Input, Value>(items: Input[], mapper: (item: Input) => Promise<Value>): Promise<Value[]> =>
	limit.map(items, mapper);
expectTypeOf(generic([1], async item => String(item))).toEqualTypeOf<Promise<string[]>>();

// Outcomes.
const outcomes = await limit.settle([1], String);
expectTypeOf(outcomes.filter(isFulfilled)).toEqualTypeOf<Array<Fulfilled<number, string>>>();
expectTypeOf(outcomes.filter(isRejected)).toEqualTypeOf<Array<Rejected<number>>>();
expectTypeOf((await Promise.allSettled([1])).filter(isFulfilled)).toEqualTypeOf<
	Array<PromiseFulfilledResult<number>>
>();
expectTypeOf(outcomes.filter(isFulfilled).map(({item, value}) => [item, value] as const)).toEqualTypeOf<
	Array<readonly [number, string]>
>();

// once
expectTypeOf(limit.once('key', async (_a: string) => 1, 'a')).toEqualTypeOf<Promise<number>>();
expectTypeOf(limit.offline.once({any: 'thing'}, () => 'a')).toEqualTypeOf<Promise<string>>();
// @ts-expect-error arguments are those of the function
limit.once('key', (_a: string) => 1, 2);
// @ts-expect-error a key comes first
limit.once(() => 1);

// stream
const streamOptions: LimitStreamOptions = {ordered: false, highWaterMark: 2, stopOnError: false, signal};
const stream = limit.stream([1, 2], async item => `${item}`, streamOptions);
expectTypeOf(stream).toEqualTypeOf<AsyncIterableIterator<string>>();
for await (const result of stream) {
	expectTypeOf(result).toEqualTypeOf<string>();
}

expectTypeOf(lane.stream(words, async word => word.length, {settle: true, ordered: false})).toEqualTypeOf<
	AsyncIterableIterator<Outcome<string, number>>
>();
limit.transform(String, {settle: true});
// @ts-expect-error `settle` runs all items
limit.stream([1], String, {settle: true, stopOnError: true});
expectTypeOf(lane.stream(words, (word, index) => word.length + index)).toEqualTypeOf<AsyncIterableIterator<number>>();
declare const promised: Iterable<Promise<string>>;
limit.stream(promised, word => {
	expectTypeOf(word).toEqualTypeOf<string>();
});
// @ts-expect-error a source is iterable
limit.stream(1, String);
// @ts-expect-error the item is a number
limit.stream([1], (item: string) => item);
// @ts-expect-error in order or not
limit.stream([1], String, {ordered: 'yes'});
// @ts-expect-error how many
limit.stream([1], String, {highWaterMark: '2'});
// @ts-expect-error the order of a source is its own
limit.stream([1], String, {shuffle: true});

// transform
const transform = limit.transform((item: number) => `${item}`);
expectTypeOf(transform).toEqualTypeOf<ResultDuplex<string>>();
expectTypeOf(transform).toExtend<Duplex>();
expectTypeOf(lane.transform(async (item: Buffer, index) => item.length + index, streamOptions)).toEqualTypeOf<
	ResultDuplex<number>
>();
expectTypeOf(lane.transform<number, string>(async n => String(n))).toEqualTypeOf<ResultDuplex<string>>();
expectTypeOf(lane.transform<string, number>(text => text.length, {settle: true})).toEqualTypeOf<
	ResultDuplex<Outcome<string, number>>
>();
expectTypeOf(lane.transform(even)).toEqualTypeOf<ResultDuplex<number>>();
transform.write(1);
for await (const text of transform) {
	expectTypeOf(text).toEqualTypeOf<string>();
}

pipeline([1], transform, async source => {
	for await (const text of source) {
		expectTypeOf(text).toEqualTypeOf<string>();
	}
});
pipeline(transform, process.stdout);
transform.pipe(process.stdout).write('');
transform.on('data', () => {}).destroy();
// @ts-expect-error a mapper is a function
limit.transform('upper');
// @ts-expect-error how many
limit.transform(String, {highWaterMark: '2'});

// The queue.
expectTypeOf(limit.ready()).toEqualTypeOf<Promise<void>>();
expectTypeOf(limit.offline.ready()).toEqualTypeOf<Promise<void>>();
expectTypeOf(lane.onSizeLessThan(3)).toEqualTypeOf<Promise<void>>();
expectTypeOf(lane.onEmpty()).toEqualTypeOf<Promise<void>>();
expectTypeOf(limit.onIdle()).toEqualTypeOf<Promise<void>>();
// @ts-expect-error than how many
limit.onSizeLessThan();
// @ts-expect-error a number
limit.onSizeLessThan('3');

// Pausing and the end.
expectTypeOf(limit.pause()).toEqualTypeOf<void>();
expectTypeOf(limit.resume()).toEqualTypeOf<void>();
expectTypeOf(limit.pauseFor(100)).toEqualTypeOf<void>();
expectTypeOf(limit.isPaused).toEqualTypeOf<boolean>();
expectTypeOf(limit.drain()).toEqualTypeOf<Promise<DrainReport>>();
expectTypeOf(limit.drain({queued: false, timeout: 1, signal})).toEqualTypeOf<Promise<DrainReport>>();
expectTypeOf(limit.drain).parameter(0).toEqualTypeOf<DrainOptions | undefined>();
expectTypeOf<DrainReport['online']['labels']>().toEqualTypeOf<LabelCount[]>();
expectTypeOf(limit.signal).toEqualTypeOf<AbortSignal>();
expectTypeOf(limit.stats().abandoned).toEqualTypeOf<number>();
expectTypeOf(limit.stats().online.oldest?.age).toEqualTypeOf<number | undefined>();
expectTypeOf(limit.stats().online.oldest?.label).toEqualTypeOf<string | undefined>();
// @ts-expect-error milliseconds
limit.drain({timeout: '1s'});
expectTypeOf(limit[Symbol.asyncDispose]()).toEqualTypeOf<Promise<void>>();
expectTypeOf<Limit>().toExtend<AsyncDisposable>();
// @ts-expect-error read only: there is pause()
limit.isPaused = true;
// @ts-expect-error for how long
limit.pauseFor();
// @ts-expect-error they are run or they are not
limit.drain({queued: 'some'});
const scope = async () => {
	await using scoped = pLimit(1);
	expectTypeOf(scoped).toEqualTypeOf<Limit>();
};
expectTypeOf(scope).returns.resolves.toBeVoid();

// Retry-After, and the errors.
expectTypeOf(retryAfter(new Error('429'))).toEqualTypeOf<number | undefined>();
expectTypeOf(retryAfter).toExtend<NonNullable<RetryOptions['retryAfter']>>();

const error: unknown = undefined;
if (error instanceof QueueFullError) {
	expectTypeOf(error.code).toEqualTypeOf<'ERR_QUEUE_FULL'>();
} else if (error instanceof QueueTimeoutError) {
	expectTypeOf(error.code).toEqualTypeOf<'ERR_QUEUE_TIMEOUT'>();
} else if (error instanceof TaskTimeoutError) {
	expectTypeOf(error.code).toEqualTypeOf<'ERR_TASK_TIMEOUT'>();
} else if (error instanceof RetryAfterError) {
	expectTypeOf(error.code).toEqualTypeOf<'ERR_RETRY_AFTER'>();
	expectTypeOf(error.retryAfter).toEqualTypeOf<number>();
} else if (error instanceof LimitClosedError) {
	expectTypeOf(error.code).toEqualTypeOf<'ERR_LIMIT_CLOSED'>();
} else if (error instanceof ItemsFailedError) {
	expectTypeOf(error.code).toEqualTypeOf<'ERR_ITEMS_FAILED'>();
	expectTypeOf(error.failures.map(({index}) => index)).toEqualTypeOf<number[]>();
	expectTypeOf(error).toExtend<AggregateError>();
} else if (error instanceof DeadlockError) {
	expectTypeOf(error.code).toEqualTypeOf<'ERR_DEADLOCK'>();
	expectTypeOf(error).toExtend<Error>();
}

// Quotas by name.
const quotas = pLimit({
	concurrency: 4,
	rate: {requests: {limit: 5, interval: 1000}, tokens: {limit: 90, interval: 1000, window: 'sliding'}},
});
expectTypeOf(quotas.rate.tokens.limit).toEqualTypeOf<number>();
expectTypeOf(quotas.stats().rates.requests.available).toEqualTypeOf<number>();
// @ts-expect-error there is no such quota
quotas.rate.days;
quotas.rate = {tokens: {limit: 10, interval: 1000}};
quotas.charge({tokens: -5});
quotas.charge(1);
void quotas.with({cost: {tokens: 5}})(async () => {});
void quotas.run(async ({settle}) => settle({tokens: 4}), {cost: {tokens: 5}});
quotas.chain(pLimit(4), {cost: {tokens: 1}});
const anyLimit: pLimit.Limit = quotas;
void anyLimit;
// @ts-expect-error costs are numbers
void quotas.with({cost: {tokens: '5'}});
