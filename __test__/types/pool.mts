import {expectTypeOf} from 'expect-type';
import {
	compress,
	configure,
	decompress,
	type HashOptions,
	hash,
	isWorkerThread,
	move,
	Pool,
	type PoolLane,
	type PoolStats,
	TaskTimeoutError,
} from 'p-lanes';

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
// @ts-expect-error there are two lanes
pool.run(1, {lane: 'express'});
// @ts-expect-error a map has many tasks, and no list of their parts
pool.map([1], {transferList: []});
// @ts-expect-error 'auto' or a number
new Pool({maxQueue: 'many'});

expectTypeOf(hash('sha256', 'abc')).toEqualTypeOf<Promise<Buffer>>();
declare const either: 'hex' | 'buffer' | undefined;
expectTypeOf(hash('blake3', '', {encoding: either})).toEqualTypeOf<Promise<string | Buffer>>();
expectTypeOf(hash('blake3', '', {} as HashOptions)).toEqualTypeOf<Promise<string | Buffer>>();
expectTypeOf(hash('blake3', '', {lane: 'offline'})).toEqualTypeOf<Promise<Buffer>>();
expectTypeOf(hash('blake3', new Uint8Array(), {encoding: 'hex'})).toEqualTypeOf<Promise<string>>();
expectTypeOf(hash.map('crc32', ['a'], {encoding: 'base64'})).toEqualTypeOf<Promise<string[]>>();
expectTypeOf(hash.files('sha1', ['a'])).toEqualTypeOf<Promise<Array<Buffer | NodeJS.ErrnoException>>>();
expectTypeOf(compress('gzip', 'a', {level: 9})).toEqualTypeOf<Promise<Buffer>>();
expectTypeOf(decompress.map('zstd', [new ArrayBuffer(1)], {maxOutputLength: 1})).toEqualTypeOf<Promise<Buffer[]>>();
configure({threads: 4, reserve: 1});
// @ts-expect-error there is no such hash
hash('md5', '');
// @ts-expect-error a level is for compressing
decompress('gzip', '', {level: 1});
