// One sample: one scenario with one peer, in a process of its own, so that no peer ever meets the heap,
// the garbage or the inline caches of another. Writes the metrics as JSON.

import {peers} from './peers.mjs';
import {scenarios} from './scenarios.mjs';

const {scenario, peer, size} = JSON.parse(process.argv[2]);
const library = await peers[peer].load();
const metrics = await scenarios[scenario].run(peers[peer], library, size);
process.stdout.write(JSON.stringify(metrics));
