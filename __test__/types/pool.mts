import {expectTypeOf} from 'expect-type';
import pLimit, {
	compress,
	configure,
	decompress,
	type HashOptions,
	hash,
	isWorkerThread,
	type MapOptions,
	move,
	type Outcome,
	Pool,
	type PoolLane,
	type PoolStats,
	type Settling,
	TaskTimeoutError,
} from 'p-lanes';

// biome-ignore lint/suspicious/noExplicitAny: nobody but the caller knows what a task is
type AnyOutcome<Value> = Outcome<any, Value>;

const pool = new Pool({filename: new URL('file:///worker.mjs'), maxQueue: 'auto', execArgv: ['--import', 'tsx']});
expectTypeOf(pool.run<number>({a: 1}, {lane: 'offline', timeout: 5})).toEqualTypeOf<Promise<number>>();
expectTypeOf(pool.map<string>([1, 2])).toEqualTypeOf<Promise<string[]>>();
expectTypeOf(pool.online).toEqualTypeOf<PoolLane>();
expectTypeOf(pool.stats()).toEqualTypeOf<PoolStats>();
expectTypeOf(pool.close({force: true})).toEqualTypeOf<Promise<void>>();
expectTypeOf(isWorkerThread).toEqualTypeOf<boolean>();
expectTypeOf(move(new ArrayBuffer(1))).toEqualTypeOf<ArrayBuffer>();
expectTypeOf(new TaskTimeoutError().code).toEqualTypeOf<'ERR_TASK_TIMEOUT'>();
pool.on('workerCreate', worker => {
	expectTypeOf(worker.threadId).toEqualTypeOf<number>();
});
for await (const result of pool.stream<Date>([1], {ordered: false, highWaterMark: 2})) {
	expectTypeOf(result).toEqualTypeOf<Date>();
}
expectTypeOf(pool.map<string>([1], {stopOnError: false})).toEqualTypeOf<Promise<string[]>>();
expectTypeOf(pool.map<string>([1], {settle: false})).toEqualTypeOf<Promise<string[]>>();
expectTypeOf(pool.map<string>([1], {settle: true})).toEqualTypeOf<Promise<Array<AnyOutcome<string>>>>();
const mapOptions: MapOptions = {stopOnError: false, timeout: 5};
expectTypeOf(pool.map<string>([1], mapOptions)).toEqualTypeOf<Promise<string[]>>();
const settling: Settling<MapOptions> = {settle: true, timeout: 5};
expectTypeOf(pool.map<string>([1], settling)).toEqualTypeOf<Promise<Array<AnyOutcome<string>>>>();
expectTypeOf(pool.settle<string>([1], {lane: 'offline'})).toEqualTypeOf<Promise<Array<AnyOutcome<string>>>>();
expectTypeOf(pool.offline.stream<string>([1], {settle: true, ordered: false})).toEqualTypeOf<
	AsyncGenerator<AnyOutcome<string>, void, undefined>
>();
// @ts-expect-error `settle` runs all items
pool.settle([1], {stopOnError: true});
// @ts-expect-error the same
pool.map([1], {settle: true, stopOnError: true});
// @ts-expect-error one task has one outcome
pool.run(1, {settle: true});
// @ts-expect-error there are two lanes
pool.run(1, {lane: 'express'});
// @ts-expect-error a map has many tasks, and no list of their parts
pool.map([1], {transferList: []});
// @ts-expect-error 'auto' or a number
new Pool({maxQueue: 'many'});

// Bytes that no other thread shares, so that the web's own functions take them.
type Bytes = Buffer<ArrayBuffer>;
expectTypeOf(hash('sha256', 'abc')).toEqualTypeOf<Promise<Bytes>>();
export const body = new Response(await compress('gzip', 'a'));
export const whole: Buffer = await decompress('gzip', '');
hash.files('sha1', [Buffer.from('a') as Buffer]);
// @ts-expect-error a path is no other list of bytes
hash.files('sha1', [new Uint8Array()]);
declare const either: 'hex' | 'buffer' | undefined;
expectTypeOf(hash('blake3', '', {encoding: either})).toEqualTypeOf<Promise<string | Bytes>>();
expectTypeOf(hash('blake3', '', {} as HashOptions)).toEqualTypeOf<Promise<string | Bytes>>();
expectTypeOf(hash('blake3', '', {lane: 'offline'})).toEqualTypeOf<Promise<Bytes>>();
expectTypeOf(hash('blake3', new Uint8Array(), {encoding: 'hex'})).toEqualTypeOf<Promise<string>>();
expectTypeOf(hash.map('crc32', ['a'], {encoding: 'base64'})).toEqualTypeOf<Promise<string[]>>();
expectTypeOf(hash.files('sha1', ['a'])).toEqualTypeOf<Promise<Array<Bytes | NodeJS.ErrnoException>>>();
expectTypeOf(compress('gzip', 'a', {level: 9})).toEqualTypeOf<Promise<Bytes>>();
expectTypeOf(decompress.map('zstd', [new ArrayBuffer(1)], {maxOutputLength: 1})).toEqualTypeOf<Promise<Bytes[]>>();
configure({threads: 4, reserve: 1});
// @ts-expect-error there is no such hash
hash('md5', '');
// @ts-expect-error a level is for compressing
decompress('gzip', '', {level: 1});

// A slot of a limit for each job.
const slots = pLimit({name: 'cpu', concurrency: 2});
new Pool({limit: slots});
new Pool({limit: slots.offline});
expectTypeOf(pool.run<number>(1, {limit: slots, lane: 'offline'})).toEqualTypeOf<Promise<number>>();
expectTypeOf(pool.map<number>([1], {limit: slots.with({priority: 1})})).toEqualTypeOf<Promise<number[]>>();
expectTypeOf(pool.offline.stream<number>([1], {limit: undefined})).toEqualTypeOf<
	AsyncGenerator<number, void, undefined>
>();
expectTypeOf(hash('sha1', '', {limit: slots, encoding: 'hex'})).toEqualTypeOf<Promise<string>>();
expectTypeOf(hash.map('sha1', [''], {limit: slots.offline})).toEqualTypeOf<Promise<Bytes[]>>();
hash.files('sha1', [''], {limit: slots});
compress.map('gzip', [''], {limit: slots, level: 1});
decompress('gzip', '', {limit: slots.offline});
// @ts-expect-error a limit, and not how many
pool.run(1, {limit: 2});
// @ts-expect-error the same
new Pool({limit: {concurrency: 2}});
// @ts-expect-error the same
compress('gzip', '', {limit: 2});
