'use strict';

// What a function can learn about the worker in which it runs.

/** Set by `worker.js`. Undefined in a thread that is not a worker of a pool. */
const context = globalThis[Symbol.for('p-lanes.worker')];

/** Whether this thread is a worker of a `Pool`. */
const isWorkerThread = context !== undefined;

/** The pool's `workerData`, in one of its workers. */
const workerData = context?.data;

module.exports = {isWorkerThread, workerData};
