'use strict';

// The option `limit` of pools and kernels: each job runs in a slot of that limit.

const {LANE_NAMES} = require('../common/checks.js');
const {invalid} = require('../common/errors.js');
const {ONLINE} = require('../gate/native.js');
const {Lane} = require('./lane.js');
const {Limit} = require('./limit.js');

const checkLimit = limit => {
	if (limit !== undefined && !(limit instanceof Lane)) {
		throw invalid('limit', 'a limit of this package, or a lane of one', limit);
	}
};

/** Whether a job's own lane counts: not for a lane, and not for a limit whose calls are bound to the offline lane. */
const takesLane = limit => limit instanceof Limit && Lane.internalsOf(limit).request.lane === ONLINE;

/** Returns the lane whose slots a job takes: of a limit the job's lane (by Rust's number), else the given lane. */
const laneOf = (limit, lane, signal) => {
	const ownLane = takesLane(limit) ? limit[LANE_NAMES[lane]] : limit;
	return signal === undefined ? ownLane : ownLane.with({signal});
};

/** Names the function that begins a job in its slot: `stats()`, drains and errors of the limit call the job so. */
const named = (run, name) => Object.defineProperty(run, 'name', {value: name});

module.exports = {checkLimit, laneOf, named};
