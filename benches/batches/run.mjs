// The benchmark of whole batches.

import {runSuite} from '../shared/run.mjs';
import {suite} from './suite.mjs';

await runSuite(suite);
