import {expectTypeOf} from 'expect-type';

import pLimit = require('p-lanes');

const limit = pLimit(2);
expectTypeOf(limit).toEqualTypeOf<pLimit.Limit>();
expectTypeOf(pLimit.default).toEqualTypeOf(pLimit);
expectTypeOf(pLimit.pLimit).toEqualTypeOf(pLimit);
expectTypeOf(limit.offline.map([1], String)).toEqualTypeOf<Promise<string[]>>();
expectTypeOf(pLimit.limitFunction(async (a: string) => a, 1)('')).toEqualTypeOf<Promise<string>>();
expectTypeOf<pLimit.InvalidArgError>().toExtend<TypeError>();
// @ts-expect-error there is no such option type
expectTypeOf<pLimit.Nothing>();
expectTypeOf(limit.with({retry: 1})).toEqualTypeOf<pLimit.Limit>();
expectTypeOf(limit.offline.with({retry: 1})).toEqualTypeOf<pLimit.Lane>();
expectTypeOf(new pLimit.DeadlockError().code).toEqualTypeOf<'ERR_DEADLOCK'>();
expectTypeOf(pLimit.retryAfter).toExtend<NonNullable<pLimit.RetryOptions['retryAfter']>>();
expectTypeOf<pLimit.LimitMapOptions['shuffle']>().toEqualTypeOf<boolean | null | undefined>();
// @ts-expect-error there is no such option
limit.with({retries: 1});
