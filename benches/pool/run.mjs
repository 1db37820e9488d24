// The benchmark of the pool and the native kernels.

import {runSuite} from '../shared/run.mjs';
import {suite} from './suite.mjs';

await runSuite(suite);
