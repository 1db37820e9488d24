'use strict';

// The option `limit` of pools and kernels: a job runs in a slot of that limit.

const {invalid} = require('./errors.js');
const {Lane} = require('./lane.js');
const {Limit} = require('./limit.js');

const names = ['online', 'offline'];

const checkLimit = limit => {
	if (limit !== undefined && !(limit instanceof Lane)) {
		throw invalid('limit', 'a limit of this package, or a lane of one', limit);
	}
};

/** The lane to take slots of: of a limit that of the job (by Rust's number), or the lane that was given. */
const laneOf = (limit, lane, signal) => {
	const own = limit instanceof Limit ? limit[names[lane]] : limit;
	return signal === undefined ? own : own.with({signal});
};

module.exports = {checkLimit, laneOf};
