'use strict';

// The metrics of `p-lanes/prometheus` and `p-lanes/opentelemetry`: their names and units, and where in a snapshot their values are. One
// table, so that both have the same numbers under the same names.
//
// A name is that of OpenTelemetry, without the prefix. Prometheus' follows from it by the rule by which OpenTelemetry converts names:
// `calls.started` is `p_lanes_calls_started_total`, and `wait`, in seconds, is `p_lanes_wait_seconds`.

const {LANE_NAMES} = require('../common/checks.js');

const PREFIX = 'p_lanes';

const inSeconds = milliseconds => milliseconds / 1000;

const nameInPrometheus = ({name, unit, kind}) =>
	[PREFIX, ...name.split('.'), ...(unit === 's' ? ['seconds'] : []), ...(kind === 'counter' ? ['total'] : [])].join(
		'_',
	);

/**
 * @param kind - `counter` only grows; an `amount` can be added up over limits and processes; a `gauge` can't; or `histogram`.
 * @param read - Gives the values in a snapshot, each with the name of its lane or quota if it has one.
 */
const family = (kind, name, unit, help, read) => {
	const described = {kind, name, unit, help, read};
	return {...described, fullName: `${PREFIX}.${name}`, prometheusName: nameInPrometheus(described)};
};

/** A value of the whole limit or pool. There may be none. */
const whole = read => snapshot => {
	const value = read(snapshot);
	return value === undefined ? [] : [{value}];
};

/** A value of each lane. */
const perLane = read => snapshot =>
	LANE_NAMES.map(lane => ({lane, value: read(snapshot[lane])})).filter(({value}) => value !== undefined);

/** What is left of the rate, or of each of the quotas by name. */
const availableOf = ({rate, rates}) =>
	rates === undefined
		? whole(() => rate?.available)()
		: Object.entries(rates).map(([quota, {available}]) => ({quota, value: available}));

const amount = (name, unit, help, read) => family('amount', name, unit, help, read);

const gauge = (name, unit, help, read) => family('gauge', name, unit, help, read);

const counter = (name, unit, help, field) =>
	family(
		'counter',
		name,
		unit,
		help,
		perLane(lane => lane[field]),
	);

const histogram = (name, help, field) =>
	family(
		'histogram',
		name,
		's',
		help,
		perLane(lane => lane[field]),
	);

const LIMIT_FAMILIES = [
	amount(
		'concurrency',
		'{slot}',
		'Slots: calls that may run at once.',
		whole(limit => limit.concurrency),
	),
	amount(
		'reserve',
		'{slot}',
		'Slots that offline calls can not take.',
		whole(limit => limit.reserve.slots),
	),
	amount(
		'rate.available',
		'1',
		'Cost that could start now; below 0 where more than there was has been taken.',
		availableOf,
	),
	amount(
		'calls.abandoned',
		'{call}',
		'Functions that still run although their slots were given away.',
		whole(limit => limit.abandoned),
	),
	amount(
		'calls.active',
		'{call}',
		'Calls that run.',
		perLane(lane => lane.active),
	),
	amount(
		'calls.pending',
		'{call}',
		'Calls that wait for a slot.',
		perLane(lane => lane.pending),
	),
	gauge(
		'oldest_call.age',
		's',
		'Time since the start of the call that has run for the longest time; 0 while none runs.',
		perLane(lane => inSeconds(lane.oldest?.age ?? 0)),
	),
	gauge(
		'pause.remaining',
		's',
		'Time until the pause of the lane ends; 0 without one.',
		perLane(lane => inSeconds(lane.pauseEndsIn)),
	),
	counter('calls.started', '{call}', 'Calls that got a slot.', 'granted'),
	counter('calls.settled', '{call}', 'Calls that have ended, well or badly.', 'settled'),
	counter('calls.failed', '{call}', 'Calls that have ended by an error.', 'rejected'),
	counter('calls.refused', '{call}', 'Calls that were refused: the lane was full, or the limit closed.', 'refused'),
	counter('calls.cleared', '{call}', 'Calls that were cleared from the queue.', 'cleared'),
	counter('calls.dropped', '{call}', 'Calls that have left a full lane for others.', 'dropped'),
	counter('calls.aborted', '{call}', 'Calls that were aborted by their signal.', 'aborted'),
	counter('queue_timeouts', '{call}', 'Calls that have waited for longer than their queueTimeout.', 'queueTimeouts'),
	counter('timeouts', '{call}', 'Calls that have run for longer than their timeout.', 'timeouts'),
	counter('retries', '{attempt}', 'Attempts after the first one.', 'retries'),
	histogram('wait', 'Time from the call until it got its slot.', 'wait'),
	histogram('run', 'Time from the slot until the end of the work.', 'run'),
	histogram('rate_wait', 'The part of the wait that the rate alone has caused.', 'rateWait'),
];

/** Of keyed limits as a whole. */
const KEYED_FAMILIES = [
	amount(
		'keys',
		'{key}',
		'Keys that have a limit.',
		whole(keyed => keyed.size),
	),
];

const POOL_FAMILIES = [
	amount(
		'pool.threads',
		'{thread}',
		'Worker threads.',
		whole(pool => pool.threads),
	),
	amount(
		'pool.jobs.active',
		'{job}',
		'Jobs that run.',
		perLane(lane => lane.active),
	),
	amount(
		'pool.jobs.pending',
		'{job}',
		'Jobs that wait for a thread.',
		perLane(lane => lane.pending),
	),
	counter('pool.jobs.started', '{job}', 'Jobs that a thread has begun.', 'granted'),
	counter('pool.jobs.settled', '{job}', 'Jobs that have ended, well or badly.', 'settled'),
	counter('pool.jobs.failed', '{job}', 'Jobs that have ended by an error.', 'rejected'),
	histogram('pool.wait', 'Time from the call until a thread had the job.', 'wait'),
	histogram('pool.run', 'Time that the job took in its thread.', 'run'),
];

const FAMILIES = [...LIMIT_FAMILIES, ...KEYED_FAMILIES, ...POOL_FAMILIES];

module.exports = {FAMILIES, KEYED_FAMILIES, LIMIT_FAMILIES, POOL_FAMILIES, inSeconds};
