'use strict';

/** The numbers of a lane's stats that only grow, in the order in which Rust gives them. All others tell how it is now. */
const LANE_COUNTERS = [
	'granted',
	'settled',
	'rejected',
	'refused',
	'cleared',
	'dropped',
	'aborted',
	'queueTimeouts',
	'timeouts',
	'retries',
];

module.exports = {LANE_COUNTERS};
