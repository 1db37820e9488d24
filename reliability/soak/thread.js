'use strict';

const {parentPort} = require('node:worker_threads');
const pLimit = require('../../index.js');

const limit = pLimit({name: 'soak', concurrency: 8, rejectOnClear: true});
const items = Array.from({length: 200}, (_, index) => index);
limit.map(items, () => new Promise(setImmediate)).catch(() => {});
pLimit.hash.map('sha256', items.map(String)).catch(() => {});
parentPort.postMessage('under way');
