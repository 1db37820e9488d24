'use strict';

// `p-lanes/opentelemetry`: metrics of limits and pools, and a span for each call.

const {checkBoolean, checkFunction, checkObject, checkWhole} = require('../common/checks.js');
const {invalid} = require('../common/errors.js');
const {OptionNames} = require('../common/option-names.js');
const {observeSources} = require('./otel-metrics.js');
const {DEFAULT_MAX_KEYS} = require('./readings.js');
const {readSources, sourceNames} = require('./sources.js');
const {version} = require('../../package.json');

const names = new OptionNames([...sourceNames, 'meterProvider', 'tracerProvider', 'maxKeys']);

/** The name under which tools show where metrics and spans come from. */
const SCOPE = 'p-lanes';

const checkProvider = (option, method, given) => {
	if (given !== undefined && typeof given[method] !== 'function') {
		throw invalid(option, `a provider with a \`${method}\``, given);
	}
};

const opentelemetry = given => {
	checkObject('options', given);
	const {meterProvider, tracerProvider, maxKeys = DEFAULT_MAX_KEYS, ...options} = names.read(given);
	const sources = readSources(options);
	checkProvider('meterProvider', 'getMeter', meterProvider);
	checkProvider('tracerProvider', 'getTracer', tracerProvider);
	checkWhole('maxKeys', maxKeys, 0);

	// The user's own copy, an optional peer dependency: providers are registered there.
	const {metrics, trace} = require('@opentelemetry/api');
	const meter = (meterProvider ?? metrics).getMeter(SCOPE, version);
	const stopMetrics = observeSources(meter, sources, maxKeys);
	return {stop: stopMetrics};
};

module.exports = {opentelemetry};
