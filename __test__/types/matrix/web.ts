// In a program for browsers, whose `setTimeout` gives a number: the types of Node don't come along, though they are installed.

import pLimit, {compress} from 'p-lanes';

const limit = pLimit(1);

export const timer: number = setTimeout(() => {}, 1);
export const signal: AbortSignal = limit.signal;
export const page: Promise<Response> = limit.run(({signal}) => fetch('a', {signal}));
export const stored: Promise<Response> = compress('gzip', 'a').then(bytes => new Response(bytes));
// @ts-expect-error no global name is added
export const pid = process.pid;
