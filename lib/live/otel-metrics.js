'use strict';

// The metrics of `p-lanes/opentelemetry`: observable instruments, which read snapshots when they are collected.

const {FAMILIES} = require('./families.js');
const {readAll} = require('./readings.js');

const CREATORS = {
	counter: 'createObservableCounter',
	amount: 'createObservableUpDownCounter',
	gauge: 'createObservableGauge',
};

/** By what a reading is of: the name of the attribute. */
const ATTRIBUTES = {
	limit: 'p_lanes.limit',
	key: 'p_lanes.key',
	pool: 'p_lanes.pool',
	lane: 'p_lanes.lane',
	quota: 'p_lanes.quota',
};

const attributesOf = labels =>
	Object.fromEntries(Object.entries(labels).map(([label, value]) => [ATTRIBUTES[label], value]));

/** Observes all numbers. No instrument takes a whole histogram: those are told call by call, where calls are heard. */
const observe = (result, instruments, {families, snapshot, labels}) => {
	for (const family of families) {
		const instrument = instruments.get(family);
		if (instrument !== undefined) {
			for (const {value, ...own} of family.read(snapshot)) {
				// The protocol has no infinite amounts: a limit without an end has no such value.
				if (Number.isFinite(value)) {
					result.observe(instrument, value, attributesOf({...labels, ...own}));
				}
			}
		}
	}
};

/** Makes the instruments. Returns a function that ends their observation. */
const observeSources = (meter, sources, maxKeys) => {
	const instruments = new Map();
	for (const family of FAMILIES) {
		const creator = CREATORS[family.kind];
		if (creator !== undefined) {
			instruments.set(family, meter[creator](family.fullName, {description: family.help, unit: family.unit}));
		}
	}

	const observables = [...instruments.values()];
	const collect = result => {
		for (const reading of readAll(sources, maxKeys)) {
			observe(result, instruments, reading);
		}
	};

	meter.addBatchObservableCallback(collect, observables);
	return () => meter.removeBatchObservableCallback(collect, observables);
};

module.exports = {attributesOf, observeSources};
