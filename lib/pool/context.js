'use strict';

// What a function that runs in a worker can know of where it runs.

/** What `worker.js` has left for us; there is none in a thread that is no worker of a pool. */
const own = globalThis[Symbol.for('p-lanes.worker')];

/** Whether this thread is a worker of a `Pool`. */
const isWorkerThread = own !== undefined;

/** The pool's `workerData` in a worker of it. */
const workerData = own?.data;

module.exports = {isWorkerThread, workerData};
