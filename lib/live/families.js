'use strict';

// The metrics of `p-lanes/prometheus`: their names, and where in a snapshot their values are.
//
// Names follow Prometheus' rules: one prefix, base units (seconds), and `_total` behind what only grows.

const {LANE_NAMES} = require('../common/checks.js');
const {cumulativeCounts} = require('./buckets.js');

const inSeconds = milliseconds => milliseconds / 1000;

/** Values of the whole limit or pool. `read` gives undefined where there is none. */
const single = read => (snapshot, labels) => {
	const value = read(snapshot);
	return value === undefined ? [] : [{labels, value}];
};

/** Values of each lane. */
const perLane = read => (snapshot, labels) =>
	LANE_NAMES.flatMap(lane => {
		const value = read(snapshot[lane]);
		return value === undefined ? [] : [{labels: {...labels, lane}, value}];
	});

const histogramValues = (name, labels, histogram, bounds) => {
	const counts = cumulativeCounts(histogram, bounds);
	return [
		...bounds.map(({seconds}, index) => ({
			metricName: `${name}_bucket`,
			labels: {...labels, le: seconds},
			value: counts[index],
		})),
		{metricName: `${name}_bucket`, labels: {...labels, le: '+Inf'}, value: histogram.count},
		{metricName: `${name}_sum`, labels, value: inSeconds(histogram.sum)},
		{metricName: `${name}_count`, labels, value: histogram.count},
	];
};

const gauge = (name, help, read, aggregator = 'sum') => ({name, help, type: 'gauge', read, aggregator});

const counter = (name, help, field) => ({
	name: `${name}_total`,
	help,
	type: 'counter',
	read: perLane(lane => lane[field]),
	aggregator: 'sum',
});

const histogram = (name, help, field) => ({
	name,
	help,
	type: 'histogram',
	read: (snapshot, labels, bounds) =>
		LANE_NAMES.filter(lane => snapshot[lane][field] !== undefined).flatMap(lane =>
			histogramValues(name, {...labels, lane}, snapshot[lane][field], bounds),
		),
	aggregator: 'sum',
});

const LIMIT_FAMILIES = [
	gauge(
		'p_lanes_concurrency',
		'Slots: calls that may run at once.',
		single(limit => limit.concurrency),
	),
	gauge(
		'p_lanes_reserve_slots',
		'Slots that offline calls can not take.',
		single(limit => limit.reserve.slots),
	),
	gauge(
		'p_lanes_rate_available',
		'Cost that could start now; below 0 where more than there was has been taken.',
		single(limit => limit.rate?.available),
	),
	gauge(
		'p_lanes_calls_abandoned',
		'Functions that still run although their slots were given away.',
		single(limit => limit.abandoned),
	),
	gauge(
		'p_lanes_calls_active',
		'Calls that run.',
		perLane(lane => lane.active),
	),
	gauge(
		'p_lanes_calls_pending',
		'Calls that wait for a slot.',
		perLane(lane => lane.pending),
	),
	gauge(
		'p_lanes_oldest_call_age_seconds',
		'Time since the start of the call that has run for the longest time; 0 while none runs.',
		perLane(lane => inSeconds(lane.oldest?.age ?? 0)),
		'max',
	),
	gauge(
		'p_lanes_pause_remaining_seconds',
		'Time until the pause of the lane ends; 0 without one.',
		perLane(lane => inSeconds(lane.pauseEndsIn)),
		'max',
	),
	counter('p_lanes_calls_started', 'Calls that got a slot.', 'granted'),
	counter('p_lanes_calls_settled', 'Calls that have ended, well or badly.', 'settled'),
	counter('p_lanes_calls_failed', 'Calls that have ended by an error.', 'rejected'),
	counter('p_lanes_calls_refused', 'Calls that were refused, as the queue was full or the limit closed.', 'refused'),
	counter('p_lanes_calls_cleared', 'Calls that were dropped from the queue.', 'cleared'),
	counter('p_lanes_calls_aborted', 'Calls that were aborted by their signal.', 'aborted'),
	counter('p_lanes_queue_timeouts', 'Calls that have waited for longer than their queueTimeout.', 'queueTimeouts'),
	counter('p_lanes_timeouts', 'Calls that have run for longer than their timeout.', 'timeouts'),
	counter('p_lanes_retries', 'Attempts after the first one.', 'retries'),
	histogram('p_lanes_wait_seconds', 'Time from the call until it got its slot.', 'wait'),
	histogram('p_lanes_run_seconds', 'Time from the slot until the end of the work.', 'run'),
	histogram('p_lanes_rate_wait_seconds', 'The part of the wait that the rate alone has caused.', 'rateWait'),
];

/** Of keyed limits as a whole. */
const KEYED_FAMILIES = [
	gauge(
		'p_lanes_keys',
		'Keys that have a limit.',
		single(keyed => keyed.size),
	),
];

const POOL_FAMILIES = [
	gauge(
		'p_lanes_pool_threads',
		'Worker threads.',
		single(pool => pool.threads),
	),
	gauge(
		'p_lanes_pool_jobs_active',
		'Jobs that run.',
		perLane(lane => lane.active),
	),
	gauge(
		'p_lanes_pool_jobs_pending',
		'Jobs that wait for a thread.',
		perLane(lane => lane.pending),
	),
	counter('p_lanes_pool_jobs_started', 'Jobs that a thread has begun.', 'granted'),
	counter('p_lanes_pool_jobs_settled', 'Jobs that have ended, well or badly.', 'settled'),
	counter('p_lanes_pool_jobs_failed', 'Jobs that have ended by an error.', 'rejected'),
	histogram('p_lanes_pool_wait_seconds', 'Time from the call until a thread had the job.', 'wait'),
	histogram('p_lanes_pool_run_seconds', 'Time that the job took in its thread.', 'run'),
];

module.exports = {KEYED_FAMILIES, LIMIT_FAMILIES, POOL_FAMILIES};
