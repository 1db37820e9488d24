import type {KeyedLimits, Limit, Pool} from '../index.js';

/**
 * What to show, by the names under which it is shown. At least one limit or pool has to be given. `null` stands for an option
 * that is not given.
 */
export interface Sources {
	/** Limits, and keyed limits (`pLimit.keyed`), which are shown as one. */
	// biome-ignore lint/suspicious/noExplicitAny: keys of any type
	readonly limits?: Readonly<Record<string, Limit | KeyedLimits<any>>> | null | undefined;
	/** Pools. */
	// biome-ignore lint/suspicious/noExplicitAny: pools of any module
	readonly pools?: Readonly<Record<string, Pool<any, any>>> | null | undefined;
}
