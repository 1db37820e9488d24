// One sample of the benchmark of shared limits.

import {writeSample} from '../shared/sample.mjs';
import {peers} from './peers.mjs';
import {scenarios} from './scenarios.mjs';

await writeSample({peers, scenarios});
