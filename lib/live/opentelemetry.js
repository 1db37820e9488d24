'use strict';

// `p-lanes/opentelemetry`: metrics of limits and pools, and a span for each call.

const {checkBoolean, checkObject, checkWhole} = require('../common/checks.js');
const {invalid} = require('../common/errors.js');
const {OptionNames} = require('../common/option-names.js');
const {Spans, recordDurations} = require('./otel-calls.js');
const {createOriginOf} = require('./origins.js');
const {observeSources} = require('./otel-metrics.js');
const {DEFAULT_MAX_KEYS} = require('./readings.js');
const {readSources, sourceNames} = require('./sources.js');
const {version} = require('../common/place.js');

const names = new OptionNames([...sourceNames, 'meterProvider', 'tracerProvider', 'spans', 'histograms', 'maxKeys']);

/** The name under which tools show where metrics and spans come from. */
const SCOPE = 'p-lanes';

const checkProvider = (option, method, given) => {
	if (given !== undefined && typeof given[method] !== 'function') {
		throw invalid(option, `a provider with a \`${method}\``, given);
	}
};

const opentelemetry = given => {
	checkObject('options', given);
	const {
		meterProvider,
		tracerProvider,
		spans = true,
		histograms = true,
		maxKeys = DEFAULT_MAX_KEYS,
		...options
	} = names.read(given);
	const sources = readSources(options);
	checkProvider('meterProvider', 'getMeter', meterProvider);
	checkProvider('tracerProvider', 'getTracer', tracerProvider);
	checkBoolean('spans', spans);
	checkBoolean('histograms', histograms);
	checkWhole('maxKeys', maxKeys, 0);

	// The user's own copy, an optional peer dependency: providers are registered there.
	const api = require('@opentelemetry/api');
	const meter = (meterProvider ?? api.metrics).getMeter(SCOPE, version);
	const originOf = createOriginOf(sources);
	const ends = [observeSources(meter, sources, maxKeys)];
	if (histograms) {
		ends.push(recordDurations(meter, originOf));
	}

	if (spans) {
		const tracer = (tracerProvider ?? api.trace).getTracer(SCOPE, version);
		ends.push(new Spans(api, tracer, originOf).listen());
	}

	return {
		stop() {
			for (const end of ends.splice(0)) {
				end();
			}
		},
	};
};

module.exports = {opentelemetry};
