'use strict';

// What a function that runs in a worker can know of where it runs.

const threads = require('node:worker_threads');

const own = threads.workerData?.pLanes;

/** Whether this thread is a worker of a `Pool`. */
const isWorkerThread = own !== undefined;

/** The pool's `workerData` in a worker of it; Node's elsewhere. */
const workerData = isWorkerThread ? own.data : threads.workerData;

module.exports = {isWorkerThread, workerData, own};
