// A thread of a sample: does the work that it is asked for, again whenever it is told.

import {parentPort, workerData} from 'node:worker_threads';
import {peers} from './peers.mjs';
import {works} from './works.mjs';

const {peer, operation, work, size, thread, concurrency, memory, port} = workerData;
const library = await peers[peer].load();
const call = peers[peer][operation].client(library, concurrency, port, {thread, memory});
const run = works[work](call, {...size, thread, memory});

parentPort.on('message', async () => {
	parentPort.postMessage(await run());
});
parentPort.postMessage('ready');
