import {expectTypeOf} from 'expect-type';
import {type ManualClock, type ManualClockOptions, manualClock} from 'p-lanes/testing';

expectTypeOf(manualClock()).toEqualTypeOf<ManualClock>();
const options: ManualClockOptions = {date: new Date(), timers: true};
using clock = manualClock(options);
manualClock({date: 0, timers: null}).restore();
expectTypeOf(clock.advance(1)).toEqualTypeOf<Promise<void>>();
expectTypeOf(clock.next()).toEqualTypeOf<Promise<number | undefined>>();
expectTypeOf(clock.jump(1)).toEqualTypeOf<void>();
expectTypeOf([clock.now, clock.timerCount]).toEqualTypeOf<number[]>();
expectTypeOf(clock.date).toEqualTypeOf<Date>();
// @ts-expect-error only the test moves it on
clock.now = 1;
// @ts-expect-error milliseconds
clock.advance('1s');
// @ts-expect-error misspelt
manualClock({timer: true});
