// One sample of the benchmark of batches.

import {writeSample} from '../shared/sample.mjs';
import {peers} from './peers.mjs';
import {scenarios} from './scenarios.mjs';

await writeSample({peers, scenarios});
