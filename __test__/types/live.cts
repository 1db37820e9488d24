import {expectTypeOf} from 'expect-type';

import pLimit = require('p-lanes');
import dashboard = require('p-lanes/dashboard');

import {prometheus} from 'p-lanes/prometheus';

import top = require('p-lanes/top');

expectTypeOf(dashboard.dashboard({limits: {api: pLimit(1)}})).toEqualTypeOf<Promise<dashboard.Dashboard>>();
expectTypeOf(top.top({limits: {api: pLimit(1)}}).stop()).toEqualTypeOf<void>();
expectTypeOf(prometheus({limits: {api: pLimit(1)}}).unregister()).toEqualTypeOf<void>();
