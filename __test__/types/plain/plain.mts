// A program whose tsconfig names no `types`, which is the default from TypeScript 6 on: the package finds those of Node itself.

import pLimit, {Pool} from 'p-lanes';
import {dashboard} from 'p-lanes/dashboard';
import {top} from 'p-lanes/top';

const limit = pLimit(1);
const pool = new Pool({filename: './worker.mjs'});
pool.once('drain', () => {});
// @ts-expect-error an emitter of Node, so not `any`
pool.once(1n, () => {});

export const open = async (): Promise<string> => (await dashboard({limits: {limit}, pools: {pool}})).url;
export const {stop} = top({limits: {limit}});
