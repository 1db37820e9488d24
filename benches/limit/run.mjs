// The benchmark of the limiter.

import {runSuite} from '../shared/run.mjs';
import {suite} from './suite.mjs';

await runSuite(suite);
