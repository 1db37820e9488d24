import {expectTypeOf} from 'expect-type';
import pLimit, {
	type AdaptiveOptions,
	type AdaptiveReason,
	type AdaptiveStats,
	type AnyRate,
	type ContextLimit,
	type DrainReport,
	type JoinOptions,
	type KeyedLimits,
	type KeyedOptions,
	type KeyedStats,
	type Lane,
	type Limit,
	type LimitOptions,
	type LimitRate,
	type LimitStats,
	limitFunction,
	type Quantiles,
	type RateLimitReading,
	type RateOptions,
	type RateStats,
	type RatesOf,
} from 'p-lanes';

// One limit for the whole process: who joins it need not say how many.
expectTypeOf(pLimit({name: 'db', concurrency: 10})).toEqualTypeOf<Limit>();
expectTypeOf(pLimit({name: 'db'})).toEqualTypeOf<Limit>();
expectTypeOf(pLimit({name: 'db', concurrency: undefined, reserve: 2})).toEqualTypeOf<Limit>();
expectTypeOf<JoinOptions['name']>().toEqualTypeOf<string>();
expectTypeOf(limitFunction(async (id: number) => `${id}`, {name: 'db'})(1)).toEqualTypeOf<Promise<string>>();
// @ts-expect-error there is nothing to join without a name
pLimit({rejectOnClear: true});
// @ts-expect-error a name that may be missing is none to join by
pLimit({name: undefined});
// @ts-expect-error a name is a string
pLimit({name: Symbol('db')});

const limit = pLimit(1);
expectTypeOf(limit.clearQueue({everywhere: true})).toEqualTypeOf<void>();
limit.offline.clearQueue({});
limitFunction(() => 1, {name: 'db'}).clearQueue({everywhere: true});
expectTypeOf(limit.clearQueue).toExtend<() => void>();
// As with p-limit, it can be somebody's listener.
new AbortController().signal.addEventListener('abort', limit.clearQueue);
setTimeout(limit.clearQueue, 1);
// @ts-expect-error it is, or it is not
limit.clearQueue({everywhere: 'yes'});
// @ts-expect-error there is no such option
limit.clearQueue({reason: 'enough'});

// A concurrency that is found.
const adaptive: AdaptiveOptions = {
	min: 2,
	max: 100,
	initial: 10,
	algorithm: 'gradient',
	isOverload: error => error instanceof RangeError,
};
const found = pLimit({concurrency: adaptive});
expectTypeOf(found).toEqualTypeOf<Limit<AnyRate, AdaptiveStats>>();
expectTypeOf(found.stats().adaptive.reason).toEqualTypeOf<AdaptiveReason>();
expectTypeOf(found.snapshot().adaptive.samples).toEqualTypeOf<number>();
expectTypeOf(found.with({timeout: 1}).stats().adaptive).toEqualTypeOf<AdaptiveStats>();
// @ts-expect-error it has no rate
found.rate.limit;
expectTypeOf(pLimit({concurrency: {max: 8}}).concurrency).toEqualTypeOf<number>();
expectTypeOf<LimitOptions['concurrency']>().toEqualTypeOf<number | AdaptiveOptions>();
expectTypeOf<NonNullable<AdaptiveOptions['isOverload']>>().parameter(0).toBeAny();
pLimit({concurrency: {min: undefined, max: 2, initial: undefined, algorithm: undefined, isOverload: undefined}});
limit.concurrency = 3;
// @ts-expect-error once it is made, only a number can be set
limit.concurrency = {min: 1};
// @ts-expect-error an object is one of options
pLimit({min: 1, max: 2});
// @ts-expect-error there are three
pLimit({concurrency: {algorithm: 'vegas'}});
// @ts-expect-error a bound is a number
pLimit({concurrency: {max: '10'}});
// @ts-expect-error it judges at once
pLimit({concurrency: {isOverload: async () => true}});
// What is thrown may be anything.
pLimit({concurrency: {isOverload: (error: Error) => error.name === 'TimeoutError'}});
// @ts-expect-error there is no such option
pLimit({concurrency: {start: 4}});

// Rate and cost.
const rate: RateOptions = {limit: 10, interval: 1000, burst: 2};
const api = pLimit({concurrency: 4, rate});
expectTypeOf(api).toEqualTypeOf<Limit<LimitRate>>();
expectTypeOf(api).toExtend<Limit>();
expectTypeOf(api.offline).toExtend<Lane>();
expectTypeOf(api.rate).toEqualTypeOf<LimitRate>();
api.rate = {...api.rate, limit: 10};
api.offline.rate = {...api.online.rate, limit: 10};
api.with({timeout: 1}).rate.limit.toFixed();
api.chain(pLimit(1)).offline.with({priority: 1}).rate.limit.toFixed();
expectTypeOf(api.stats().rate.available).toEqualTypeOf<number>();
expectTypeOf(api.snapshot().rate).toEqualTypeOf<RateStats>();
const takesAny = (any: Limit) => any.rate?.limit;
takesAny(api);
// @ts-expect-error it is not known to be adaptive
api.stats().adaptive.reason;
// @ts-expect-error a rate can't be taken away
api.rate = undefined;
const both = pLimit({concurrency: {max: 10}, rate});
expectTypeOf(both).toEqualTypeOf<Limit<LimitRate, AdaptiveStats>>();
both.stats().rate.available.toFixed(both.stats().adaptive.samples);
expectTypeOf(pLimit({name: 'api', rate}).rate).toEqualTypeOf<LimitRate>();
const told = pLimit({concurrency: {max: 10}, rate, context: true});
expectTypeOf(told).toEqualTypeOf<ContextLimit<LimitRate, AdaptiveStats>>();
told.rate = {...told.offline.rate, limit: 10};
told.with({timeout: 1}).stats().rate.available.toFixed(told.stats().adaptive.samples);
expectTypeOf(told.with({context: false})).toEqualTypeOf<Limit<LimitRate, AdaptiveStats>>();
expectTypeOf(api.with({context: true})).toEqualTypeOf<ContextLimit<LimitRate>>();
told.map([1], async (item, _index, {signal}) => fetch(String(item), {signal}), {cost: item => item});
const model = pLimit({concurrency: 4, rate: {requests: rate, tokens: {limit: 9, interval: 1000, window: 'sliding'}}});
expectTypeOf(model).toEqualTypeOf<Limit<RatesOf<'requests' | 'tokens'>>>();
expectTypeOf(model).toExtend<Limit>();
model.rate = {tokens: {...model.rate.tokens, limit: 10}};
model.offline.rate = {...model.rate};
expectTypeOf(model.stats().rates.tokens.available).toEqualTypeOf<number>();
takesAny(model);
const adapting = pLimit({concurrency: {max: 10}, rate: {requests: rate, tokens: rate}});
expectTypeOf(adapting).toEqualTypeOf<Limit<RatesOf<'requests' | 'tokens'>, AdaptiveStats>>();
adapting.stats().rates.tokens.available.toFixed(adapting.stats().adaptive.samples);
pLimit({concurrency: {max: 10}, context: true, rate: {tokens: rate}})
	.stats()
	.adaptive.samples.toFixed();
// @ts-expect-error there is no such quota
model.rate = {token: rate};
// @ts-expect-error there is no such quota
model.rate.token;
// @ts-expect-error there is no such option
pLimit({concurrency: 4, rate: {tokens: {limit: 10, interval: 1000, strict: true}}});
expectTypeOf(pLimit({concurrency: 1, context: true, rate: {tokens: rate}}).rate.tokens).toEqualTypeOf<LimitRate>();
declare const some: LimitOptions;
expectTypeOf(pLimit(some)).toEqualTypeOf<Limit>();
expectTypeOf<ReturnType<typeof pLimit>>().toEqualTypeOf<Limit>();
expectTypeOf(limit.rate).toEqualTypeOf<AnyRate>();
expectTypeOf(limit.rate?.limit).toEqualTypeOf<number | undefined>();
limit.rate = {limit: 1, interval: 1000};
limit.rate = rate;
expectTypeOf(limit.charge(-3)).toEqualTypeOf<void>();
expectTypeOf(limit.observe(new Response(), {sentAt: 5, quotas: {default: 'requests', daily: null}})).toEqualTypeOf<
	RateLimitReading[]
>();
limit.offline.observe({headers: {}, status: 200});
// @ts-expect-error a response is an object
limit.observe('429');
// @ts-expect-error a name or null
limit.observe(new Response(), {quotas: {default: 5}});
limit.run(({observe}) => observe(new Response()));
limit.run(context => {
	const [reading] = context.observe(new Headers(), {quotas: {default: 'requests'}});
	expectTypeOf(reading?.remaining).toEqualTypeOf<number | undefined>();
	// @ts-expect-error it knows when its request was sent
	context.observe(new Headers(), {sentAt: 5});
});
// @ts-expect-error what it takes is a number
limit.charge();
expectTypeOf(limit.offline.with({cost: 2}).charge(1)).toEqualTypeOf<void>();
limit.online.rate = rate;
// @ts-expect-error not every limit has one
limit.rate.burst;
pLimit({concurrency: Number.POSITIVE_INFINITY, rate: {limit: 1, interval: 0.5, burst: undefined}});
pLimit({concurrency: 1, rate: undefined});
limit.with({cost: 0}).with({weight: 2, cost: undefined});
// @ts-expect-error a limit is one in some time
pLimit({concurrency: 1, rate: {limit: 10}});
// @ts-expect-error so much, and in what time
pLimit({concurrency: 1, rate: 10});
// @ts-expect-error milliseconds
pLimit({concurrency: 1, rate: {limit: 10, interval: '1s'}});
// @ts-expect-error there is no such option
pLimit({concurrency: 1, rate: {limit: 10, interval: 1000, strict: true}});
// @ts-expect-error a rate does not say how many run at once
pLimit({rate});
// @ts-expect-error a cost is a number
limit.with({cost: true});

// Figures.
const stats = limit.stats();
expectTypeOf(stats.adaptive).toEqualTypeOf<AdaptiveStats | undefined>();
expectTypeOf(stats.rate).toEqualTypeOf<RateStats | undefined>();
expectTypeOf(stats.online.rateWait).toEqualTypeOf<Quantiles | undefined>();
expectTypeOf<RateStats>().toEqualTypeOf<{
	readonly available: number;
	readonly limit: number;
	readonly interval: number;
	readonly burst: number;
	readonly window?: 'sliding' | 'fixed' | undefined;
}>();
const reason: AdaptiveReason = 'overload';
expectTypeOf(reason).toExtend<string>();
// @ts-expect-error not every limit has it
stats.adaptive.reason;
// @ts-expect-error nor that
stats.rate.available;
// @ts-expect-error figures are read only
stats.concurrency = 1;

// A limit for each key.
const limits = pLimit.keyed<string>({concurrency: 2, rate, reserve: 0, idleTimeout: 1000});
expectTypeOf(limits).toEqualTypeOf<KeyedLimits<string, Limit | undefined, Limit<LimitRate>>>();
expectTypeOf(limits).toExtend<KeyedLimits<string>>();
expectTypeOf(pLimit.keyed<string>({concurrency: 2})).toEqualTypeOf<KeyedLimits<string>>();
expectTypeOf(pLimit.keyed<string>({concurrency: 2})('example.com')).toEqualTypeOf<Limit>();
expectTypeOf(limits('example.com')(async (path: string) => path.length, '/')).toEqualTypeOf<Promise<number>>();
expectTypeOf(limits.size).toEqualTypeOf<number>();
expectTypeOf(limits.total).toEqualTypeOf<Limit | undefined>();
expectTypeOf(pLimit.keyed<string>({concurrency: 2, total: 10}).total).toEqualTypeOf<Limit>();
expectTypeOf(pLimit.keyed<string>({concurrency: 2, total: {concurrency: 10, rate}})).toEqualTypeOf<
	KeyedLimits<string, Limit>
>();
expectTypeOf(limits.entries()).toEqualTypeOf<IterableIterator<[string, Limit<LimitRate>]>>();
expectTypeOf(pLimit.keyed({concurrency: adaptive})({any: 'key'})).toEqualTypeOf<Limit>();
expectTypeOf(limits('host')).toEqualTypeOf<Limit<LimitRate>>();
limits('host').rate = {...limits('host').rate, limit: 10};
for (const [, ofKey] of limits) {
	expectTypeOf(ofKey.offline.rate.limit).toEqualTypeOf<number>();
}
pLimit.keyed<string>({concurrency: 2, context: true, total: 3})('host')(
	({signal}, path: string) => fetch(path, {signal}),
	'/',
);
expectTypeOf<KeyedOptions['total']>().toEqualTypeOf<number | LimitOptions | JoinOptions | Limit | null | undefined>();
pLimit.keyed({concurrency: 2, total: {name: 'all hosts'}});
const fair = pLimit.keyed({
	concurrency: 2,
	total: pLimit(10),
	fair: true,
	share: (key: string) => key.length,
	options: key => ({concurrency: key.length, timeout: 1000}),
});
expectTypeOf(fair).toEqualTypeOf<KeyedLimits<string, Limit>>();
expectTypeOf([...fair]).toEqualTypeOf<Array<[string, Limit]>>();
expectTypeOf([...fair.keys()]).toEqualTypeOf<string[]>();
expectTypeOf([...fair.values()]).toEqualTypeOf<Limit[]>();
expectTypeOf(fair.has('a') && fair.delete('a')).toEqualTypeOf<boolean>();
expectTypeOf(fair.drain({timeout: 1000})).toEqualTypeOf<Promise<DrainReport>>();
expectTypeOf(fair.stats()).toEqualTypeOf<KeyedStats<Limit>>();
expectTypeOf(fair.stats().total.online.wait).toEqualTypeOf<Quantiles>();
expectTypeOf(fair.stats().online.granted).toEqualTypeOf<number>();
expectTypeOf(limits.stats().total).toEqualTypeOf<LimitStats | undefined>();
expectTypeOf(fair[Symbol.asyncDispose]()).toEqualTypeOf<Promise<void>>();
// @ts-expect-error durations of several limits can't be added up
fair.stats().online.wait;
// @ts-expect-error keys have no names of their own
pLimit.keyed({concurrency: 2, options: () => ({name: 'a'})});
// @ts-expect-error a number of a key
pLimit.keyed({concurrency: 2, total: 1, fair: true, share: 2});
// @ts-expect-error the key is a string
limits(1);
// @ts-expect-error each call is by a key
limits();
// @ts-expect-error one name for all keys would make them one limit
pLimit.keyed({concurrency: 2, name: 'host'});
// @ts-expect-error each key's limit has a concurrency
pLimit.keyed({total: 10});
// @ts-expect-error milliseconds
pLimit.keyed({concurrency: 2, idleTimeout: '1m'});
// @ts-expect-error it is counted, not set
limits.size = 0;
