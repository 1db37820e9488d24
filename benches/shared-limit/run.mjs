// The benchmark of limits that several threads share by a name.

import {runSuite} from '../shared/run.mjs';
import {suite} from './suite.mjs';

await runSuite(suite);
