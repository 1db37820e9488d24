'use strict';

// The quotas of a gate: their names, and what calls take of them. A program whose limits have one rate, or none, does
// not load it.

const {callNative, invalid, quoted} = require('../common/errors.js');
const {nativeRate, shownRate} = require('../options/rate-options.js');
const {COST_IS_WEIGHT, EACH_QUOTA} = require('./native.js');

/** By gate: the names of its quotas. A gate keeps its quotas, and their order. */
const known = new WeakMap();

/** Returns the names of the quotas of a gate; none if it has no rate, or one without a name. */
const namesOf = gate => {
	let names = known.get(gate);
	if (names === undefined) {
		names = gate.native.port.quotas(gate.handle).map(({name}) => name);
		known.set(gate, names);
	}

	return names;
};

/** Whether a cost names one of the quotas of a gate. */
const isOf = (gate, cost) => namesOf(gate).some(name => Object.hasOwn(cost, name));

/** Returns a cost by the places of the quotas of a gate. Others take the weight. */
const byPlace = (gate, cost) => namesOf(gate).map(name => (Object.hasOwn(cost, name) ? cost[name] : COST_IS_WEIGHT));

/** Returns the entries of an object by quota, with the places of the quotas. Throws if these names have no such quota. */
const placesAmong = (names, option, given) => {
	const entries = Object.entries(given).filter(([, value]) => value !== undefined);
	return entries.map(([name, value]) => {
		const place = names.indexOf(name);
		if (place < 0) {
			const allowed =
				names.length === 0
					? 'a number: the limit has no quotas by name'
					: `an object by quota, of ${quoted(names)} (not '${name}')`;
			throw invalid(option, allowed, given);
		}

		return {name, place, value};
	});
};

const placesOf = (gate, option, given) => placesAmong(namesOf(gate), option, given);

/**
 * Returns costs by the places of the quotas, for `enqueueRequest`. Other quotas take the weight. A quota that is named may
 * be that of a limit behind this one, in a chain: `next` is the link to it.
 */
const costsOf = (gate, cost, next) => {
	const names = gate.gatesOf({next}).flatMap(one => namesOf(one));
	placesAmong(names, 'cost', cost); // refuses names that there are not
	if (names.length === 0) {
		throw invalid('cost', 'a number: the limit has no quotas by name', cost);
	}

	return byPlace(gate, cost);
};

/** The same for a limit behind another one, which need not have the same quotas. None of them: `undefined`. */
const costsBehind = (gate, cost) => (isOf(gate, cost) ? byPlace(gate, cost) : undefined);

/** Returns the rate of a gate, or its quotas by name; `undefined` if it has none. */
const rateOf = ({native: {port}, handle}) => {
	const rate = port.rate(handle) ?? undefined;
	if (rate !== undefined) {
		return shownRate(rate);
	}

	const quotas = port.quotas(handle);
	return quotas.length === 0
		? undefined
		: Object.fromEntries(quotas.map(({name, ...quota}) => [name, shownRate(quota)]));
};

/** Changes the rate, or some of the quotas. They were read; all are checked before one is changed. */
const setRate = (gate, rate) => {
	const {port} = gate.native;
	const {quotas} = rate;
	if (quotas === undefined) {
		const names = namesOf(gate);
		if (names.length > 0) {
			throw invalid('rate', `an object by quota, of ${quoted(names)}`, rate);
		}

		callNative(() => port.setRate(gate.handle, nativeRate(rate)));
		return;
	}

	const given = Object.fromEntries(quotas.map(({name, ...quota}) => [name, quota]));
	if (namesOf(gate).length === 0) {
		if (rateOf(gate) === undefined) {
			callNative(() => port.setRate(gate.handle, nativeRate(quotas[0]))); // throws: there is no rate to change
		}

		throw invalid('rate', 'one rate: the limit has no quotas by name', given);
	}

	for (const {place, value} of placesOf(gate, 'rate', given)) {
		callNative(() => port.setQuota(gate.handle, place, nativeRate(value)));
	}
};

/** Takes costs from some of the quotas. Negative ones are given back. */
const charge = (gate, cost) => {
	for (const {place, value} of placesOf(gate, 'cost', cost)) {
		gate.native.port.chargeQuota(gate.handle, place, value);
	}
};

/**
 * Says what the attempt that runs in these places, those of a chain, has really cost: a number is of each quota of the
 * first limit, and names are of all limits.
 */
const spent = (places, cost) => {
	const [{gate: first, slot}] = places;
	if (typeof cost === 'number') {
		first.native.port.spent(first.handle, slot, EACH_QUOTA, cost);
		first.startNext();
		return;
	}

	const own = places.filter(({gate}) => isOf(gate, cost));
	const names = new Set(own.flatMap(({gate}) => namesOf(gate)));
	const unknown = Object.keys(cost).find(name => !names.has(name));
	if (unknown !== undefined) {
		placesOf(first, 'cost', {[unknown]: cost[unknown]}); // throws, with the names that there are
	}

	for (const {gate, slot} of own) {
		const {port} = gate.native;
		for (const [place, name] of namesOf(gate).entries()) {
			if (Object.hasOwn(cost, name)) {
				port.spent(gate.handle, slot, place, cost[name]);
			}
		}

		gate.startNext();
	}
};

/** Returns the stats with what is left of each quota by name. */
const withRates = ({quotas, ...stats}) => ({
	...stats,
	rates: Object.fromEntries(quotas.map(({name, ...rate}) => [name, rate])),
});

module.exports = {charge, costsBehind, costsOf, rateOf, setRate, spent, withRates};
