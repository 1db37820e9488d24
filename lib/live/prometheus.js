'use strict';

// `p-lanes/prometheus`: the numbers of limits and pools as metrics of a prom-client registry. They are read when the registry is:
// between two scrapes nothing happens.

const {checkObject, checkWhole} = require('../common/checks.js');
const {queueMicrotask} = require('../common/environment.js');
const {InvalidArgError, invalid} = require('../common/errors.js');
const {OptionNames} = require('../common/option-names.js');
const {cumulativeCounts, readBuckets} = require('./buckets.js');
const {FAMILIES, inSeconds} = require('./families.js');
const {DEFAULT_MAX_KEYS, readAll} = require('./readings.js');
const {readSources, sourceNames} = require('./sources.js');

const names = new OptionNames([...sourceNames, 'register', 'buckets', 'maxKeys'], {
	registry: 'prom-client calls it `register`',
	registers: 'there is one registry, `register`',
});

const REGISTER_METHODS = ['registerMetric', 'getSingleMetric', 'removeSingleMetric'];

const readRegister = given => {
	// The user's own copy of prom-client, an optional peer dependency.
	const register = given ?? require('prom-client').register;
	if (!REGISTER_METHODS.every(method => typeof register[method] === 'function')) {
		throw invalid('register', 'a `Registry` of prom-client', given);
	}

	return register;
};

/** What one call of `prometheus` exports. */
class Group {
	#sources;
	#bounds;
	#maxKeys;

	constructor(sources, bounds, maxKeys) {
		this.#sources = sources;
		this.#bounds = bounds;
		this.#maxKeys = maxKeys;
	}

	/** The names under `limits` or `pools`. */
	namesOf(option) {
		const {limits, keyed, pools} = this.#sources;
		return (option === 'limits' ? [...limits, ...keyed] : pools).map(([name]) => name);
	}

	read() {
		return [...readAll(this.#sources, this.#maxKeys)].map(reading => ({...reading, bounds: this.#bounds}));
	}
}

const histogramValues = (name, labels, histogram, bounds) => {
	const counts = cumulativeCounts(histogram, bounds);
	const bucket = (le, value) => ({metricName: `${name}_bucket`, labels: {...labels, le}, value});
	return [
		...bounds.map(({seconds}, index) => bucket(seconds, counts[index])),
		bucket('+Inf', histogram.count),
		{metricName: `${name}_sum`, labels, value: inSeconds(histogram.sum)},
		{metricName: `${name}_count`, labels, value: histogram.count},
	];
};

/** Returns the values of a family in a reading, as a registry takes them. */
const valuesIn = ({families, snapshot, labels, bounds}, family) =>
	families.includes(family)
		? family.read(snapshot).flatMap(({value, ...own}) => {
				const all = {...labels, ...own};
				return family.kind === 'histogram'
					? histogramValues(family.prometheusName, all, value, bounds)
					: [{labels: all, value}];
			})
		: [];

/** By kind of a family: what prom-client calls it, and how values of several processes become one. */
const TYPES = {
	counter: {type: 'counter', aggregator: 'sum'},
	amount: {type: 'gauge', aggregator: 'sum'},
	gauge: {type: 'gauge', aggregator: 'max'},
	histogram: {type: 'histogram', aggregator: 'sum'},
};

/**
 * A metric as a registry takes it. It has no values of its own: it reads them when it is asked. No metric of prom-client could do so,
 * because a histogram of theirs can be told nothing but one event at a time.
 */
class Metric {
	#family;
	#exporter;

	constructor(family, exporter) {
		this.name = family.prometheusName; // a registry may change it
		this.help = family.help;
		Object.assign(this, TYPES[family.kind]);
		this.#family = family;
		this.#exporter = exporter;
	}

	async get() {
		const {name, help, type, aggregator} = this;
		return {name, help, type, aggregator, values: this.#exporter.valuesOf(this.#family)};
	}

	/** The numbers are those of the limits, and go on. */
	reset() {}
}

/** All groups that are exported into one registry: they share their metrics. */
class Exporter {
	#register;
	#metrics = FAMILIES.map(family => new Metric(family, this));
	#groups = new Set();
	/** The readings of this turn: a registry asks for all metrics in one. */
	#readings = undefined;

	constructor(register) {
		this.#register = register;
		const taken = FAMILIES.find(({prometheusName}) => register.getSingleMetric(prometheusName) !== undefined);
		if (taken !== undefined) {
			throw new InvalidArgError(`\`register\` has another metric of the name ${taken.prometheusName}`);
		}

		for (const metric of this.#metrics) {
			register.registerMetric(metric);
		}
	}

	/** Whether its metrics are in the registry. They are not if the registry was cleared. */
	get isRegistered() {
		return this.#register.getSingleMetric(FAMILIES[0].prometheusName) === this.#metrics[0];
	}

	add(group) {
		for (const option of sourceNames) {
			const taken = new Set([...this.#groups].flatMap(other => other.namesOf(option)));
			const twice = group.namesOf(option).find(name => taken.has(name));
			if (twice !== undefined) {
				throw new InvalidArgError(
					`\`${option}.${twice}\`: the registry has one of that name; give this one another name`,
				);
			}
		}

		this.#groups.add(group);
	}

	remove(group) {
		this.#groups.delete(group);
		if (this.#groups.size === 0 && this.isRegistered) {
			for (const {prometheusName} of FAMILIES) {
				this.#register.removeSingleMetric(prometheusName);
			}
		}
	}

	valuesOf(family) {
		return this.#read().flatMap(reading => valuesIn(reading, family));
	}

	#read() {
		if (this.#readings === undefined) {
			this.#readings = [...this.#groups].flatMap(group => group.read());
			queueMicrotask(() => {
				this.#readings = undefined;
			});
		}

		return this.#readings;
	}
}

/** By registry. */
const exporters = new WeakMap();

const exporterOf = register => {
	const known = exporters.get(register);
	if (known?.isRegistered) {
		return known;
	}

	const exporter = new Exporter(register);
	exporters.set(register, exporter);
	return exporter;
};

const prometheus = given => {
	checkObject('options', given);
	const {register: givenRegister, buckets, maxKeys = DEFAULT_MAX_KEYS, ...options} = names.read(given);
	const sources = readSources(options);
	checkWhole('maxKeys', maxKeys, 0);
	const group = new Group(sources, readBuckets(buckets), maxKeys);
	const exporter = exporterOf(readRegister(givenRegister));
	exporter.add(group);
	return {unregister: () => exporter.remove(group)};
};

module.exports = {prometheus};
