'use strict';

// The channels of `node:diagnostics_channel` on which limits and pools publish what happens to calls. Whether a call
// publishes is decided when it is made: a call that no subscriber is there for costs one check.

const {channel} = require('node:diagnostics_channel');

const queued = channel('p-lanes:queued');
const started = channel('p-lanes:started');
const retried = channel('p-lanes:retried');
const settled = channel('p-lanes:settled');
const refused = channel('p-lanes:refused');
const limitChanged = channel('p-lanes:limit');

/** Whether calls that are made now publish. */
const isTracing = () =>
	queued.hasSubscribers ||
	started.hasSubscribers ||
	retried.hasSubscribers ||
	settled.hasSubscribers ||
	limitChanged.hasSubscribers;

module.exports = {isTracing, limitChanged, queued, refused, retried, settled, started};
