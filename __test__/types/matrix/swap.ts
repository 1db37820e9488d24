// A program of p-limit, once with p-limit and once with p-lanes: `limiter` is either of the two.

import type {LimitFunction, Options} from 'limiter';
import pLimit, {limitFunction} from 'limiter';

const options: Options = {concurrency: 1, rejectOnClear: true};
const limit: LimitFunction = pLimit(2);
const limits: LimitFunction[] = [pLimit(options), limit];

export const text: Promise<string> = limit((name: string) => Promise.resolve(name), 'a');
export const plain: Promise<number> = limit(() => 1);
export const all: Promise<number[]> = limit.map([1, 2], (item, index) => Promise.resolve(item + index));
export const counts: number[] = limits.map(each => each.activeCount + each.pendingCount + each.concurrency);
export const limited: ((count: number) => Promise<string>) & {clearQueue: () => void} = limitFunction(
	(count: number) => Promise.resolve(String(count)),
	options,
);

limit.concurrency = 3;
limit.clearQueue();

// @ts-expect-error no argument is lost
limit((name: string) => Promise.resolve(name));
// @ts-expect-error a number, and no text
pLimit('2');
