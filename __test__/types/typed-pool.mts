// Pools that know the module of their functions: what compiles, and what must not.

import {expectTypeOf} from 'expect-type';
import {
	type FunctionName,
	type Outcome,
	Pool,
	type PoolLane,
	type ResultOf,
	type TaskOf,
	type TypedPoolLane,
} from 'p-lanes';

type Module = typeof import('./workers/module.mjs');

const pool = new Pool<Module>({filename: new URL('file:///worker.mjs')});

// run
expectTypeOf(pool.run(2)).toEqualTypeOf<Promise<number>>();
expectTypeOf(pool.run(2, {lane: 'offline', timeout: 5})).toEqualTypeOf<Promise<number>>();
expectTypeOf(pool.run(2, {name: null})).toEqualTypeOf<Promise<number>>();
expectTypeOf(pool.run(2, {name: 'default'})).toEqualTypeOf<Promise<number>>();
expectTypeOf(pool.run([1, 2], {name: 'sum', transferList: []})).toEqualTypeOf<Promise<number>>();
expectTypeOf(pool.run('me', {name: 'greet'})).toEqualTypeOf<Promise<string>>();
expectTypeOf(pool.run(undefined, {name: 'greet'})).toEqualTypeOf<Promise<string>>();
expectTypeOf(pool.run(undefined, {name: 'now'})).toEqualTypeOf<Promise<Date>>();
expectTypeOf(pool.run('5', {name: 'later'})).toEqualTypeOf<Promise<bigint>>();
// @ts-expect-error a number
pool.run('2');
// @ts-expect-error a task has to be given
pool.run();
// @ts-expect-error a list of numbers
pool.run(2, {name: 'sum'});
// @ts-expect-error there is no such export
pool.run(2, {name: 'summ'});
// @ts-expect-error this is no function
pool.run(2, {name: 'version'});
// @ts-expect-error there are two lanes
pool.run(2, {lane: 'express'});

// map and stream
expectTypeOf(pool.map([1, 2])).toEqualTypeOf<Promise<number[]>>();
expectTypeOf(pool.map(new Set(['a']), {name: 'greet', lane: 'offline'})).toEqualTypeOf<Promise<string[]>>();
expectTypeOf(pool.stream([1, 2], {ordered: false})).toEqualTypeOf<AsyncGenerator<number, void, undefined>>();
declare const lists: AsyncIterable<number[]>;
expectTypeOf(pool.stream(lists, {name: 'sum', highWaterMark: 2})).toEqualTypeOf<
	AsyncGenerator<number, void, undefined>
>();
// @ts-expect-error numbers
pool.map(['a']);
// @ts-expect-error lists of numbers
pool.map([1], {name: 'sum'});
// @ts-expect-error numbers
pool.stream(lists);
// @ts-expect-error there is no such export
pool.stream(lists, {name: 'summ'});

// lanes
expectTypeOf(pool.offline).toEqualTypeOf<TypedPoolLane<Module>>();
expectTypeOf(pool.online.run(2)).toEqualTypeOf<Promise<number>>();
// @ts-expect-error a number
pool.offline.map(['a']);

// Another module: nothing is known of it.
expectTypeOf(pool.run<Date>('anything', {filename: 'other.mjs'})).toEqualTypeOf<Promise<Date>>();
expectTypeOf(pool.map<Date>(['anything'], {filename: 'other.mjs', name: 'any'})).toEqualTypeOf<Promise<Date[]>>();
for await (const result of pool.stream(['anything'], {filename: new URL('file:///other.mjs')})) {
	expectTypeOf(result).toBeAny();
}

// A pool with a `name`.
const sums = new Pool<Module, 'sum'>({filename: 'worker.mjs', name: 'sum'});
expectTypeOf(sums.run([1])).toEqualTypeOf<Promise<number>>();
expectTypeOf(sums.run(1, {name: 'default'})).toEqualTypeOf<Promise<number>>();
const greetings = new Pool<Module, 'greet'>({filename: 'worker.mjs', name: 'greet'});
expectTypeOf(greetings.run()).toEqualTypeOf<Promise<string>>();
expectTypeOf(greetings.run('me')).toEqualTypeOf<Promise<string>>();
expectTypeOf(sums.settle([[1]])).toEqualTypeOf<Promise<Array<Outcome<readonly number[], number>>>>();
expectTypeOf(sums.map([[1]], {settle: true})).toEqualTypeOf<Promise<Array<Outcome<readonly number[], number>>>>();
expectTypeOf(sums.offline.settle([1], {name: 'default'})).toEqualTypeOf<Promise<Array<Outcome<number, number>>>>();
for await (const result of sums.stream([[1]], {settle: true})) {
	expectTypeOf(result).toEqualTypeOf<Outcome<readonly number[], number>>();
}
// @ts-expect-error a list of numbers
sums.settle([1]);
// @ts-expect-error a list of numbers
sums.run(1);
// @ts-expect-error the pool needs its name
new Pool<Module, 'sum'>({filename: 'worker.mjs'});
// @ts-expect-error the type has another name
new Pool<Module>({filename: 'worker.mjs', name: 'sum'});

// Other kinds of modules.
const objects = new Pool<typeof import('./workers/object.mjs'), 'first'>({filename: 'object.mjs', name: 'first'});
objects.run([1]);
expectTypeOf(objects.run('5', {name: 'parse'})).toEqualTypeOf<Promise<number>>();
// @ts-expect-error a property that is no function
objects.run(1, {name: 'size'});
// @ts-expect-error the default export is no function
new Pool<typeof import('./workers/object.mjs')>().run('a');

const upper = new Pool<typeof import('./workers/function.cjs')>({filename: 'function.cjs'});
expectTypeOf(upper.run('a')).toEqualTypeOf<Promise<string>>();
// @ts-expect-error a text
upper.run(1);

interface Functions {
	double(task: number): number;
}
const described = new Pool<Functions, 'double'>({filename: 'functions.js', name: 'double'});
expectTypeOf(described.run(1)).toEqualTypeOf<Promise<number>>();

expectTypeOf<FunctionName<Module>>().toEqualTypeOf<'default' | 'sum' | 'greet' | 'now' | 'later' | 'setup'>();
expectTypeOf<TaskOf<Module, 'sum'>>().toEqualTypeOf<readonly number[]>();
expectTypeOf<ResultOf<Module, 'sum'>>().toEqualTypeOf<number>();

// A function may take any pool, or any lane of one.
const use = (any: Pool, lane: PoolLane): Promise<unknown> => any.run(1).then(() => lane.run(2));
use(pool, pool.offline);
use(new Pool(), new Pool());

// A pool whose module is not known runs anything.
const untyped = new Pool({filename: 'worker.mjs', name: 'any'});
expectTypeOf(untyped.online).toEqualTypeOf<PoolLane>();
expectTypeOf(untyped.run<string>({a: 1}, {name: 'other'})).toEqualTypeOf<Promise<string>>();
untyped.run();

class Squares extends Pool<Module> {
	constructor() {
		super({filename: 'worker.mjs', maxThreads: 2});
	}

	square(task: number): Promise<number> {
		return this.run(task);
	}
}
expectTypeOf(new Squares().run(1)).toEqualTypeOf<Promise<number>>();
class Anything extends Pool {}
expectTypeOf(await new Anything({filename: 'a'}).run(1)).toBeAny();

// options
expectTypeOf(pool.options.maxQueue).toEqualTypeOf<number>();
expectTypeOf(pool.options.filename).toEqualTypeOf<string | undefined>();
// @ts-expect-error they can't be changed
pool.options.maxThreads = 2;
pool.on('close', () => {});
new Pool({filename: null, name: null, maxQueue: null, limit: null, startTimeout: Infinity, closeTimeout: 5});
untyped.map([1], {lane: null, signal: null, timeout: null});
untyped.close({force: null});
