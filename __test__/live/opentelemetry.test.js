'use strict';

// What reaches an OpenTelemetry SDK: metrics, and the spans of calls with their parents.

const assert = require('node:assert/strict');
const {execFileSync} = require('node:child_process');
const {channel} = require('node:diagnostics_channel');
const {after, afterEach, before, beforeEach, describe, test} = require('node:test');
const {context, metrics, SpanStatusCode, trace} = require('@opentelemetry/api');
const {AsyncLocalStorageContextManager} = require('@opentelemetry/context-async-hooks');
const {DataPointType, MeterProvider, MetricReader} = require('@opentelemetry/sdk-metrics');
const {BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor} = require('@opentelemetry/sdk-trace-base');
const pLimit = require('p-lanes');
const {opentelemetry} = require('p-lanes/opentelemetry');

class Reader extends MetricReader {
	async onForceFlush() {}

	async onShutdown() {}
}

const sleep = duration => new Promise(resolve => setTimeout(resolve, duration));

let exporter;
let tracerProvider;
let reader;
let meterProvider;
let exported;

before(() => {
	context.setGlobalContextManager(new AsyncLocalStorageContextManager());
});

after(() => {
	context.disable();
});

beforeEach(() => {
	exporter = new InMemorySpanExporter();
	tracerProvider = new BasicTracerProvider({spanProcessors: [new SimpleSpanProcessor(exporter)]});
	reader = new Reader();
	meterProvider = new MeterProvider({readers: [reader]});
});

afterEach(() => {
	exported?.stop();
	exported = undefined;
});

const start = options => {
	exported = opentelemetry({tracerProvider, meterProvider, ...options});
	return exported;
};

/** Runs a function in a span of its own, as a request handler is. */
const inSpan = async (name, fn) => {
	const span = tracerProvider.getTracer('test').startSpan(name);
	try {
		return await context.with(trace.setSpan(context.active(), span), fn);
	} finally {
		span.end();
	}
};

const activeSpan = () => trace.getSpan(context.active());

/** All spans that have ended, by name, and the name of a span's parent. */
const spansOf = () => {
	const spans = exporter.getFinishedSpans();
	const parentOf = ({parentSpanContext}) =>
		spans.find(span => span.spanContext().spanId === parentSpanContext?.spanId)?.name;
	return {
		spans,
		named: name => spans.filter(span => span.name === name),
		/** Without waits: on a busy machine, a call that starts at once has one, too. */
		tree: () =>
			spans
				.filter(({name}) => name !== 'wait')
				.map(span => `${parentOf(span) ?? ''}>${span.name}`)
				.sort(),
	};
};

const collect = async () => {
	const {resourceMetrics, errors} = await reader.collect();
	assert.deepEqual(errors, []);
	const all = resourceMetrics.scopeMetrics.flatMap(({metrics: ofScope}) => ofScope);
	return {
		all,
		metric: name => all.find(({descriptor}) => descriptor.name === name),
		value: (name, attributes) => {
			const points = all
				.find(({descriptor}) => descriptor.name === name)
				.dataPoints.filter(point =>
					Object.entries(attributes).every(([key, value]) => point.attributes[`p_lanes.${key}`] === value),
				);
			assert.equal(points.length, 1, `${name} ${JSON.stringify(attributes)}`);
			return points[0].value;
		},
	};
};

describe('metrics', () => {
	test('have the numbers of limits and pools', async () => {
		const api = pLimit({concurrency: 3, rate: {limit: 1000, interval: 1000, burst: 10}});
		const hosts = pLimit.keyed({concurrency: 2});
		const cpu = new pLimit.Pool({filename: `${__dirname}/square.js`, maxThreads: 1});
		start({limits: {api, hosts, open: pLimit(Number.POSITIVE_INFINITY)}, pools: {cpu}});
		await Promise.all([api.map([1, 2], () => 1), hosts('a')(() => 1), cpu.run(2, {lane: 'offline'})]);
		const {value, metric, all} = await collect();
		assert.equal(value('p_lanes.concurrency', {limit: 'api'}), 3);
		assert.equal(value('p_lanes.calls.started', {limit: 'api', lane: 'online'}), 2);
		assert.equal(value('p_lanes.calls.started', {limit: 'api', lane: 'offline'}), 0);
		assert.equal(value('p_lanes.calls.started', {limit: 'hosts', key: 'a', lane: 'online'}), 1);
		assert.equal(value('p_lanes.keys', {limit: 'hosts'}), 1);
		assert.equal(value('p_lanes.pool.jobs.settled', {pool: 'cpu', lane: 'offline'}), 1);
		assert.equal(
			metric('p_lanes.concurrency').dataPoints.some(point => point.attributes['p_lanes.limit'] === 'open'),
			false,
			'there is no infinite amount',
		);
		const {descriptor, dataPointType, isMonotonic} = metric('p_lanes.calls.started');
		assert.deepEqual([descriptor.unit, dataPointType, isMonotonic], ['{call}', DataPointType.SUM, true]);
		assert.equal(metric('p_lanes.oldest_call.age').descriptor.unit, 's');
		for (const {
			descriptor: {name, description},
		} of all) {
			assert.match(name, /^p_lanes\.[a-z_.]+$/);
			assert.notEqual(description, '');
		}

		await cpu.close();
	});

	test('have histograms of waits and runs, of the calls that were heard', async () => {
		const api = pLimit(1);
		await api(() => 1);
		const hosts = pLimit.keyed({concurrency: 1});
		start({limits: {api, hosts}});
		await Promise.all([api.offline.map([1, 2, 3], () => sleep(2)), hosts('a')(() => 1), hosts('b')(() => 1)]);
		const {metric, value} = await collect();
		for (const name of ['p_lanes.wait', 'p_lanes.run']) {
			const {descriptor, dataPointType} = metric(name);
			assert.deepEqual([descriptor.unit, dataPointType], ['s', DataPointType.HISTOGRAM]);
			const {count, sum, buckets} = value(name, {limit: 'api', lane: 'offline'});
			assert.equal(count, 3);
			assert.ok(sum > 0 && sum < 60);
			assert.equal(buckets.boundaries[0], 0.0001);
			assert.equal(value(name, {limit: 'hosts'}).count, 2, 'all keys are one');
		}
	});

	test('end with the export', async () => {
		start({limits: {api: pLimit(1)}}).stop();
		const {all} = await collect();
		assert.deepEqual(
			all.filter(({dataPoints}) => dataPoints.length > 0),
			[],
		);
	});
});

describe('the span of a call', () => {
	test('is a child of the span in which the call was made, with its lane and its times', async () => {
		const api = pLimit(2);
		start({limits: {api}});
		await inSpan('request', () => api.offline(async function getUser() {}));
		const {tree, named} = spansOf();
		assert.deepEqual(tree(), ['>request', 'request>getUser']);
		const [{attributes, status, events}] = named('getUser');
		const {'p_lanes.wait': wait, 'p_lanes.run': run, ...others} = attributes;
		assert.deepEqual(others, {'p_lanes.limit': 'api', 'p_lanes.lane': 'offline', 'p_lanes.outcome': 'fulfilled'});
		assert.ok(wait >= 0 && wait < 60 && run >= 0 && run < 60);
		assert.equal(status.code, SpanStatusCode.UNSET);
		assert.deepEqual(events, []);
	});

	test('has the label, or the name of the function, or of the limit', async () => {
		const api = pLimit(2);
		start({limits: {api}});
		await api.with({label: 'a label'})(async function getUser() {});
		await api(async () => {});
		await api.map([1], async function download() {});
		assert.deepEqual(spansOf().tree(), ['>a label', '>api', '>download']);
	});

	test('has a long wait as a child of its own', async () => {
		const api = pLimit(1);
		start({limits: {api}});
		const first = api(function first() {
			return sleep(20);
		});
		await inSpan('request', () =>
			api(function second() {
				return sleep(1);
			}),
		);
		await first;
		const {tree, named} = spansOf();
		assert.deepEqual(tree(), ['>first', '>request', 'request>second']);
		const [second] = named('second');
		const wait = named('wait').find(span => span.parentSpanContext.spanId === second.spanContext().spanId);
		const at = ([seconds, nanoseconds]) => seconds * 1e3 + nanoseconds / 1e6;
		assert.ok(at(wait.startTime) >= at(second.startTime) - 1);
		assert.ok(at(wait.endTime) <= at(second.endTime) + 1);
		assert.ok(Math.abs(at(wait.duration) - 1000 * second.attributes['p_lanes.wait']) < 0.01);
	});

	test('is the active one in the function, also behind an `await`', async () => {
		const api = pLimit(1);
		start({limits: {api}});
		const seen = [];
		const note = async name => {
			seen.push([name, activeSpan()?.name]);
			await sleep(2);
			seen.push([name, activeSpan()?.name]);
			await inSpan(`http ${name}`, async () => {});
			return 1;
		};

		const calls = {
			plain: () =>
				api(function plain() {
					return note('plain');
				}),
			args: () =>
				api(function args(name) {
					return note(name);
				}, 'args'),
			run: () =>
				api.run(function run() {
					return note('run');
				}),
			timeout: () =>
				api.with({timeout: 10_000})(function timeout() {
					return note('timeout');
				}),
			signal: () =>
				api.run(
					function signal() {
						return note('signal');
					},
					{signal: new AbortController().signal},
				),
			once: () =>
				api.once('key', function once() {
					return note('once');
				}),
			map: () =>
				api.offline.map([1], function map() {
					return note('map');
				}),
			settle: () =>
				api.offline.settle([1], function settle() {
					return note('settle');
				}),
			tasks: () =>
				api.with({timeout: 10_000}).map([1], function tasks() {
					return note('tasks');
				}),
			stream: async () => {
				for await (const result of api.stream([1], function stream() {
					return note('stream');
				})) {
					assert.equal(result, 1);
				}
			},
			limited: () =>
				api.chain(pLimit(1))(function limited() {
					return note('limited');
				}),
		};
		await Promise.all(Object.entries(calls).map(([name, call]) => inSpan(`request ${name}`, call)));
		const names = Object.keys(calls);
		assert.deepEqual(
			seen.sort(),
			names
				.flatMap(name => [
					[name, name],
					[name, name],
				])
				.sort(),
		);
		const tree = spansOf().tree();
		const expected = names.flatMap(name => [`>request ${name}`, `request ${name}>${name}`, `${name}>http ${name}`]);
		assert.deepEqual(tree, expected.sort());
	});

	test('leaves the context of the caller as it was', async () => {
		const api = pLimit(1);
		start({limits: {api}});
		await inSpan('request', async () => {
			const outer = activeSpan();
			const promise = api(() => 1);
			assert.equal(activeSpan(), outer);
			await promise;
			assert.equal(activeSpan(), outer);
			await api.map([1, 2], () => 1);
			assert.equal(activeSpan(), outer);
		});
	});

	test('is an error with what the function has thrown', async () => {
		const api = pLimit(1);
		start({limits: {api}});
		const error = Object.assign(new Error('no such user'), {code: 'E_USER'});
		await assert.rejects(
			api(async function getUser() {
				throw error;
			}),
			error,
		);
		await assert.rejects(
			api(function throws() {
				throw new TypeError('at once');
			}),
		);
		const {named} = spansOf();
		const [{status, attributes}] = named('getUser');
		assert.deepEqual(status, {code: SpanStatusCode.ERROR, message: 'no such user'});
		assert.deepEqual([attributes['error.type'], attributes['p_lanes.outcome']], ['E_USER', 'rejected']);
		assert.deepEqual(named('throws')[0].status, {code: SpanStatusCode.ERROR, message: 'at once'});
	});

	test('has an event for each retry', async () => {
		const api = pLimit(1);
		start({limits: {api}});
		let attempts = 0;
		const spans = new Set();
		await api.with({retry: {retries: 3, minTimeout: 1}})(async function flaky() {
			spans.add(activeSpan());
			if (++attempts < 3) {
				throw new Error(`attempt ${attempts}`);
			}
		});
		const [{events, status, attributes}] = spansOf().named('flaky');
		assert.deepEqual(
			events.map(({name, attributes: {'p_lanes.attempt': attempt, 'exception.message': message}}) => [
				name,
				attempt,
				message,
			]),
			[
				['retry', 1, 'attempt 1'],
				['retry', 2, 'attempt 2'],
			],
		);
		assert.ok(events.every(event => event.attributes['p_lanes.delay'] >= 0));
		assert.equal(status.code, SpanStatusCode.UNSET);
		assert.equal(attributes['p_lanes.outcome'], 'fulfilled');
		assert.equal(spans.size, 1, 'all attempts run in it');
	});

	test('says how a call has ended that never ran', async () => {
		const api = pLimit({concurrency: 1, maxQueue: 3, rejectOnClear: true});
		start({limits: {api}});
		let end;
		const first = api(
			() =>
				new Promise(resolve => {
					end = resolve;
				}),
		);
		const controller = new AbortController();
		const waiting = [
			api.with({label: 'late', queueTimeout: 1})(() => 1),
			api.with({label: 'aborted', signal: controller.signal})(() => 1),
			api.with({label: 'cleared'})(() => 1),
		];
		const refused = api.with({label: 'refused'})(() => 1);
		await assert.rejects(refused, {code: 'ERR_QUEUE_FULL'});
		await assert.rejects(waiting[0], {code: 'ERR_QUEUE_TIMEOUT'});
		controller.abort();
		await assert.rejects(waiting[1], {name: 'AbortError'});
		api.clearQueue();
		await assert.rejects(waiting[2], {name: 'AbortError'});
		end();
		await first;
		const outcomeOf = name => {
			const [{attributes, status}] = spansOf().named(name);
			return [attributes['p_lanes.outcome'], status.code === SpanStatusCode.ERROR, attributes['error.type']];
		};

		assert.deepEqual(outcomeOf('refused'), ['refused', true, 'ERR_QUEUE_FULL']);
		assert.deepEqual(outcomeOf('late'), ['queueTimeout', true, 'ERR_QUEUE_TIMEOUT']);
		assert.deepEqual(outcomeOf('aborted'), ['aborted', true, 'AbortError']);
		assert.deepEqual(outcomeOf('cleared'), ['cleared', false, undefined]);
	});

	test('has one inside in a chain: the wait for each limit is told apart', async () => {
		const [hourly, perSecond] = [pLimit(2), pLimit(1)];
		start({limits: {hourly, perSecond}});
		const api = hourly.chain(perSecond);
		let active;
		await inSpan('request', () =>
			api(async function get() {
				active = activeSpan();
			}),
		);
		const {spans, tree} = spansOf();
		assert.deepEqual(tree(), ['>request', 'get>get', 'request>get']);
		const inner = spans.find(span => span.name === 'get' && span.attributes['p_lanes.limit'] === 'perSecond');
		assert.equal(active.spanContext().spanId, inner.spanContext().spanId);
	});

	test('has the key of keyed limits', async () => {
		const hosts = pLimit.keyed({concurrency: 1});
		start({limits: {hosts}});
		await hosts('a.example')(async function get() {});
		const [{attributes}] = spansOf().named('get');
		assert.deepEqual([attributes['p_lanes.limit'], attributes['p_lanes.key']], ['hosts', 'a.example']);
	});

	test('is there for jobs of pools, from outside', async () => {
		const cpu = new pLimit.Pool({filename: `${__dirname}/square.js`, maxThreads: 1});
		start({pools: {cpu}});
		await inSpan('request', () => cpu.run(3));
		await cpu.close();
		const {spans} = spansOf();
		const job = spans.find(span => span.attributes['p_lanes.pool'] === 'cpu');
		assert.equal(job.attributes['p_lanes.outcome'], 'fulfilled');
		assert.equal(job.parentSpanContext.spanId, spansOf().named('request')[0].spanContext().spanId);
	});

	test('is there for limits that were joined by name', async () => {
		const first = pLimit({name: 'joined', concurrency: 1});
		const second = pLimit({name: 'joined'});
		start({limits: {db: second}});
		await first(async function query() {});
		await second(async function query() {});
		assert.equal(spansOf().named('query').length, 2);
	});

	test('is not there for other limits, nor after the end of the export', async () => {
		const [api, other] = [pLimit(2), pLimit(1)];
		const {stop} = start({limits: {api}});
		await other(async function call() {});
		let end;
		const begun = api(function begun() {
			return new Promise(resolve => {
				end = resolve;
			});
		});
		stop();
		stop();
		await api(async function call() {});
		assert.deepEqual(spansOf().tree(), []);
		for (const name of ['queued', 'started', 'retried', 'settled', 'refused']) {
			assert.equal(channel(`p-lanes:${name}`).hasSubscribers, false, name);
		}

		end();
		await begun;
	});

	test('needs no SDK', async () => {
		exported = opentelemetry({limits: {api: pLimit(1)}});
		assert.equal(await pLimit(1)(() => 1), 1);
		const api = pLimit(2);
		exported.stop();
		exported = opentelemetry({limits: {api}});
		assert.deepEqual(await api.map([1, 2, 3], item => item + 1), [2, 3, 4]);
		assert.equal(metrics.getMeterProvider() === meterProvider, false);
	});
});

describe('options of opentelemetry', () => {
	test('spans and histograms can be left out, and then no call is heard', async () => {
		const api = pLimit(1);
		start({limits: {api}, spans: false, histograms: false});
		assert.equal(channel('p-lanes:settled').hasSubscribers, false);
		await api(() => 1);
		const {value, metric} = await collect();
		assert.equal(value('p_lanes.calls.started', {lane: 'online'}), 1);
		assert.equal(metric('p_lanes.run'), undefined);
		assert.deepEqual(spansOf().spans, []);
	});

	test('providers are by default the global ones', () => {
		const script = `
			const {trace} = require('@opentelemetry/api');
			const {BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor} = require('@opentelemetry/sdk-trace-base');
			const exporter = new InMemorySpanExporter();
			const pLimit = require('p-lanes');
			const api = pLimit(1);
			require('p-lanes/opentelemetry').opentelemetry({limits: {api}});
			trace.setGlobalTracerProvider(new BasicTracerProvider({spanProcessors: [new SimpleSpanProcessor(exporter)]}));
			api(function call() {}).then(() => console.log(exporter.getFinishedSpans().at(-1).name));
		`;
		const out = execFileSync(process.execPath, ['-e', script], {cwd: __dirname, encoding: 'utf8'});
		assert.equal(out, 'call\n');
	});

	const limits = {api: pLimit(1)};
	for (const [options, message] of [
		[{}, /^there is nothing to show/],
		[{limits, meterProvider: {}}, '`meterProvider` must be a provider with a `getMeter`, got {}'],
		[{limits, tracerProvider: {}}, '`tracerProvider` must be a provider with a `getTracer`, got {}'],
		[{limits, spans: 1}, '`spans` must be a boolean, got 1'],
		[{limits, histograms: 'no'}, "`histograms` must be a boolean, got 'no'"],
		[{limits, maxKeys: 0.5}, '`maxKeys` must be a whole number from 0 or more, got 0.5'],
		[{limits, tracer: {}}, /^`tracer` is not an option/],
	]) {
		test(`${message}`, () => {
			assert.throws(() => opentelemetry(options), {code: 'ERR_INVALID_ARG', message});
		});
	}
});
