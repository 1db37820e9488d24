'use strict';

// What `util.inspect` shows of a limit, a lane and keyed limits.

const {LANE_NAMES} = require('../common/checks.js');
const {BOTH} = require('../gate/gate.js');
const {ONLINE, active, pending} = require('../gate/native.js');
const {shownAs} = require('../observe/shown.js');

const byLane = (gate, units) => Object.fromEntries(BOTH.map(lane => [LANE_NAMES[lane], gate.count(units, [lane])]));

/** The state of a limit beside its calls. What is not so is left out. */
const stateOf = gate => {
	const {rate} = gate;
	return {
		...(rate === undefined ? undefined : {rate}),
		...(gate.isPaused ? {paused: true} : undefined),
		...(gate.isClosed ? {drained: true} : undefined),
	};
};

/** The limits behind this one, in a chain: those by `chain`, and the total of keyed limits. */
const behind = ({next}) => {
	const chain = [];
	let total;
	for (let link = next; link !== undefined; link = link.next) {
		if (link.name === 'total') {
			total = link.gate.limit;
		} else {
			chain.push(link.gate.limit);
		}
	}

	return {...(chain.length === 0 ? undefined : {chain}), ...(total === undefined ? undefined : {total})};
};

/** What is bound to calls. */
const boundFields = ({label, priority, weight}) => ({
	...(label === undefined ? undefined : {label}),
	...(priority === 0 ? undefined : {priority}),
	...(weight === 1 ? undefined : {weight}),
});

const limitFields = ({gate, request}) => {
	const {name} = gate.origin;
	return {
		...(name === undefined ? undefined : {name}),
		...(request.lane === ONLINE ? undefined : {lane: LANE_NAMES[request.lane]}),
		...boundFields(request),
		concurrency: gate.concurrency,
		active: byLane(gate, active),
		pending: byLane(gate, pending),
		...stateOf(gate),
		...behind(request),
	};
};

const laneFields = ({gate, request}) => {
	const {lane} = request;
	const {name} = gate.origin;
	return {
		...(name === undefined ? undefined : {limit: name}),
		lane: LANE_NAMES[lane],
		...boundFields(request),
		concurrency: gate.concurrency,
		active: gate.count(active, [lane]),
		pending: gate.count(pending, [lane]),
		...stateOf(gate),
	};
};

const inspectLimit = internals => shownAs('Limit', () => limitFields(internals));
const inspectLane = internals => shownAs('Lane', () => laneFields(internals));
const inspectKeyed = (keyed, total) =>
	shownAs('KeyedLimits', () => ({size: keyed.size, ...(total === undefined ? undefined : {total})}));

module.exports = {inspectKeyed, inspectLane, inspectLimit};
