import pLimit from './index.js';

export type Lane = pLimit.Lane;
export type Limit = pLimit.Limit;
export type LimitFunction = pLimit.LimitFunction;
export type LimitOptions = pLimit.LimitOptions;
export type Options = pLimit.Options;
export type LimitStats = pLimit.LimitStats;
export type LaneStats = pLimit.LaneStats;
export type Quantiles = pLimit.Quantiles;

export import InvalidArgError = pLimit.InvalidArgError;
export import limitFunction = pLimit.limitFunction;

export {pLimit};
export default pLimit;
