'use strict';

// What a scrape gives, read by the rules of Prometheus' text format.

const assert = require('node:assert/strict');
const {execFileSync} = require('node:child_process');
const {describe, test} = require('node:test');
const pLimit = require('p-lanes');
const {prometheus} = require('p-lanes/prometheus');
const {Registry, Gauge, collectDefaultMetrics} = require('prom-client');

/** Reads one line: a name, labels and a value. */
const parseSample = line => {
	const [, name, , labelText = '', value] = /^([a-zA-Z_:][\w:]*)(\{(.*)\})? (\S+)$/.exec(line);
	const labels = {};
	let rest = labelText;
	while (rest !== '') {
		const [whole, label, text] = /^([a-zA-Z_]\w*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/.exec(rest);
		labels[label] = text.replaceAll(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped));
		rest = rest.slice(whole.length);
	}

	return {name, labels, value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value)};
};

/** Reads the text of a scrape: by name, each metric with its help, type and samples. Throws for what is not in the format. */
const parse = text => {
	const families = new Map();
	let family;
	const seen = new Set();
	assert.ok(text.endsWith('\n'));
	for (const line of text.split('\n').filter(line => line !== '')) {
		const [, keyword, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
		if (keyword === 'HELP') {
			assert.ok(!families.has(name), `${name} twice`);
			family = {help: rest, samples: []};
			families.set(name, family);
		} else if (keyword === 'TYPE') {
			assert.equal(families.get(name), family);
			family.type = rest;
		} else {
			const sample = parseSample(line);
			const own = sample.name.replace(/_(bucket|sum|count)$/, part => (family.type === 'histogram' ? '' : part));
			assert.equal(families.get(own), family, line);
			const series = JSON.stringify([sample.name, sample.labels]);
			assert.ok(!seen.has(series), `${series} twice`);
			seen.add(series);
			assert.ok(!sample.name.startsWith('p_lanes') || !Number.isNaN(sample.value), line);
			family.samples.push(sample);
		}
	}

	return families;
};

const matches = (labels, wanted) => Object.entries(wanted).every(([label, value]) => labels[label] === value);

const scrape = async register => {
	const families = parse(await register.metrics());
	const samplesOf = (name, labels = {}) => {
		const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''));
		return (family?.samples ?? []).filter(sample => sample.name === name && matches(sample.labels, labels));
	};

	return {
		families,
		samplesOf,
		valueIn: (name, labels) => {
			const samples = samplesOf(name, labels);
			assert.equal(samples.length, 1, `${name} ${JSON.stringify(labels)}`);
			return samples[0].value;
		},
	};
};

/** Prometheus' `histogram_quantile`. Returns the bucket in which the quantile is, and the estimate. */
const histogramQuantile = (part, samples) => {
	const buckets = samples.map(({labels: {le}, value}) => ({
		le: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le),
		value,
	}));
	const rank = part * buckets.at(-1).value;
	const index = buckets.findIndex(({value}) => value >= rank);
	const from = index === 0 ? 0 : buckets[index - 1].le;
	const below = index === 0 ? 0 : buckets[index - 1].value;
	const {le, value} = buckets[index];
	return {from, upTo: le, estimate: from + ((le - from) * (rank - below)) / (value - below)};
};

const sleep = duration => new Promise(resolve => setTimeout(resolve, duration));

describe('a scrape', () => {
	test('has the numbers of limits by lane', async () => {
		const register = new Registry();
		const rate = {limit: 1000, interval: 1000, burst: 50};
		const api = pLimit({concurrency: 3, reserve: 1, maxQueue: {online: 1}, rejectOnClear: true, rate});
		prometheus({limits: {api}, register});

		let end;
		const ended = new Promise(resolve => {
			end = resolve;
		});
		await api.settle([1, 2], async item => {
			if (item === 2) throw new Error('failed');
		});
		const runs = api.offline.map([1, 2, 3, 4], () => ended);
		const one = api(() => ended);
		const waits = api(() => ended);
		await assert.rejects(
			api(() => {}),
			{code: 'ERR_QUEUE_FULL'},
		);
		const cleared = assert.rejects(
			api.offline(() => {}),
			{name: 'AbortError'},
		);

		const {valueIn, samplesOf} = await scrape(register);
		const limit = 'api';
		const [online, offline] = ['online', 'offline'].map(lane => name => valueIn(name, {limit, lane}));
		assert.equal(valueIn('p_lanes_concurrency', {limit}), 3);
		assert.equal(valueIn('p_lanes_reserve', {limit}), 1);
		assert.ok(valueIn('p_lanes_rate_available', {limit}) <= 50);
		assert.deepEqual([online('p_lanes_calls_active'), offline('p_lanes_calls_active')], [1, 2]);
		assert.deepEqual([online('p_lanes_calls_pending'), offline('p_lanes_calls_pending')], [1, 3]);
		assert.deepEqual([online('p_lanes_calls_started_total'), offline('p_lanes_calls_started_total')], [3, 2]);
		assert.deepEqual([online('p_lanes_calls_settled_total'), offline('p_lanes_calls_settled_total')], [2, 0]);
		assert.deepEqual([online('p_lanes_calls_failed_total'), offline('p_lanes_calls_failed_total')], [1, 0]);
		assert.deepEqual([online('p_lanes_calls_refused_total'), offline('p_lanes_calls_refused_total')], [1, 0]);
		assert.deepEqual([online('p_lanes_wait_seconds_count'), offline('p_lanes_wait_seconds_count')], [3, 2]);
		assert.equal(online('p_lanes_run_seconds_count'), 2);
		assert.ok(offline('p_lanes_oldest_call_age_seconds') >= 0);
		assert.equal(samplesOf('p_lanes_rate_wait_seconds_count', {limit}).length, 2);

		api.offline.clearQueue();
		runs.catch(() => {});
		end();
		await Promise.all([one, waits, cleared]);
		const later = await scrape(register);
		assert.ok(later.valueIn('p_lanes_calls_cleared_total', {limit, lane: 'offline'}) > 0);
		assert.equal(later.valueIn('p_lanes_calls_active', {limit, lane: 'online'}), 0);
	});

	test('has the numbers of pools', async () => {
		const register = new Registry();
		const cpu = new pLimit.Pool({filename: `${__dirname}/square.js`, maxThreads: 1});
		prometheus({pools: {cpu}, register});
		await Promise.all([cpu.run(2), cpu.map([1, 2, 3], {lane: 'offline'})]);
		const {valueIn} = await scrape(register);
		assert.equal(valueIn('p_lanes_pool_threads', {pool: 'cpu'}) >= 1, true);
		assert.equal(valueIn('p_lanes_pool_jobs_settled_total', {pool: 'cpu', lane: 'online'}), 1);
		assert.equal(valueIn('p_lanes_pool_jobs_settled_total', {pool: 'cpu', lane: 'offline'}), 3);
		assert.equal(valueIn('p_lanes_pool_run_seconds_count', {pool: 'cpu', lane: 'offline'}), 3);
		await cpu.close();
	});

	test('keeps the rules of names: one prefix, base units, `_total` for counters, a help text', async () => {
		const register = new Registry();
		prometheus({limits: {api: pLimit(1), hosts: pLimit.keyed({concurrency: 1})}, register});
		const {families} = await scrape(register);
		assert.ok(families.size > 20);
		for (const [name, {type, help}] of families) {
			assert.match(name, /^p_lanes_[a-z_]+$/);
			assert.match(help, /^[A-Z].*\.$/);
			assert.equal(type === 'counter', name.endsWith('_total'), name);
			assert.doesNotMatch(name, /milliseconds|_ms\b/);
			if (type === 'histogram') {
				assert.match(name, /_seconds$/);
			}
		}
	});

	test('has histograms: buckets that add up, a count and a sum', async () => {
		const register = new Registry();
		const api = pLimit(2);
		prometheus({limits: {api}, register});
		await api.map(Array(40).keys(), item => sleep(item % 5));
		const {samplesOf, valueIn} = await scrape(register);
		for (const name of ['p_lanes_wait_seconds', 'p_lanes_run_seconds']) {
			const labels = {limit: 'api', lane: 'online'};
			const buckets = samplesOf(`${name}_bucket`, labels);
			const bounds = buckets.map(({labels: {le}}) => (le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)));
			assert.deepEqual(
				bounds,
				[...bounds].sort((a, b) => a - b),
			);
			assert.equal(bounds.at(-1), Number.POSITIVE_INFINITY);
			const values = buckets.map(({value}) => value);
			assert.deepEqual(
				values,
				[...values].sort((a, b) => a - b),
				'they are cumulative',
			);
			assert.equal(values.at(-1), valueIn(`${name}_count`, labels));
			assert.equal(values.at(-1), 40);
			const sum = valueIn(`${name}_sum`, labels);
			const counts = values.map((value, index) => value - (values[index - 1] ?? 0));
			const least = counts.reduce((total, count, index) => total + count * (bounds[index - 1] ?? 0), 0);
			const most = counts.reduce((total, count, index) => total + (count === 0 ? 0 : count * bounds[index]), 0);
			// The buckets and the sum are each exact to within 1 %.
			assert.ok(sum >= 0.98 * least && sum <= 1.02 * most, `${least} to ${most}, ${sum}`);
		}
	});

	test('lets quantiles be read from the buckets', async () => {
		const register = new Registry();
		const api = pLimit(2);
		prometheus({limits: {api}, register});
		await api.map(Array(60).keys(), item => sleep(item % 7));
		const {samplesOf} = await scrape(register);
		const stats = api.stats().online;
		for (const [name, quantiles] of [
			['p_lanes_wait_seconds', stats.wait],
			['p_lanes_run_seconds', stats.run],
		]) {
			const buckets = samplesOf(`${name}_bucket`, {limit: 'api', lane: 'online'});
			for (const [part, milliseconds] of [
				[0.5, quantiles.p50],
				[0.9, quantiles.p90],
				[0.99, quantiles.p99],
			]) {
				const {from, upTo, estimate} = histogramQuantile(part, buckets);
				const seconds = milliseconds / 1000;
				assert.ok(from <= estimate && estimate <= upTo);
				assert.ok(0.98 * from <= seconds && seconds <= 1.02 * upTo, `${name} ${part}: ${from} to ${upTo}, ${seconds}`);
			}
		}
	});

	test('has the buckets that were asked for', async () => {
		const register = new Registry();
		prometheus({limits: {api: pLimit(1)}, register, buckets: [0.001, 0.0315, 5]});
		const {samplesOf} = await scrape(register);
		const buckets = samplesOf('p_lanes_wait_seconds_bucket', {lane: 'online'});
		assert.deepEqual(
			buckets.map(({labels: {le}}) => le),
			['0.001', '0.0315', '5', '+Inf'],
		);
	});

	test('can have every bucket that there is', async () => {
		const register = new Registry();
		const buckets = pLimit.bucketBounds().map(milliseconds => milliseconds / 1000);
		prometheus({limits: {api: pLimit(1)}, register, buckets});
		const {samplesOf} = await scrape(register);
		assert.equal(samplesOf('p_lanes_wait_seconds_bucket', {lane: 'online'}).length, buckets.length + 1);
	});

	test('has keyed limits key by key, up to a number', async () => {
		const register = new Registry();
		const hosts = pLimit.keyed({concurrency: 2, total: 5});
		prometheus({limits: {hosts, total: hosts.total}, register, maxKeys: 2});
		const hostile = 'a"b\\c\nd';
		await Promise.all([hosts(hostile)(() => 1), hosts('b')(() => 1), hosts('c')(() => 1)]);
		const {samplesOf, valueIn} = await scrape(register);
		assert.equal(valueIn('p_lanes_keys', {limit: 'hosts'}), 3);
		const started = samplesOf('p_lanes_calls_started_total', {limit: 'hosts', lane: 'online'});
		assert.deepEqual(
			started.map(({labels: {key}, value}) => [key, value]),
			[
				[hostile, 1],
				['b', 1],
			],
		);
		assert.equal(valueIn('p_lanes_calls_started_total', {limit: 'total', lane: 'online'}), 3);
	});

	test('has one series for keys that look alike', async () => {
		const register = new Registry();
		const hosts = pLimit.keyed({concurrency: 2});
		prometheus({limits: {hosts}, register});
		hosts(1);
		hosts('1');
		hosts({});
		hosts({});
		const {samplesOf} = await scrape(register);
		assert.deepEqual(
			samplesOf('p_lanes_concurrency').map(({labels: {key}}) => key),
			['1', '{}'],
		);
	});

	test('is read as OpenMetrics, too', async () => {
		const register = new Registry(Registry.OPENMETRICS_CONTENT_TYPE);
		const {unregister} = prometheus({limits: {api: pLimit(1)}, register});
		for (let round = 0; round < 2; round++) {
			const text = await register.metrics();
			assert.match(text, /^# TYPE p_lanes_calls_started counter$/m);
			assert.match(text, /^p_lanes_calls_started_total\{limit="api",lane="online"\} 0$/m);
			assert.ok(text.endsWith('# EOF\n'));
		}

		unregister();
		assert.equal(register.getMetricsAsArray().length, 0);
	});

	test('stands beside other metrics, and has the default labels of the registry', async () => {
		const register = new Registry();
		register.setDefaultLabels({app: 'shop'});
		collectDefaultMetrics({register});
		prometheus({limits: {api: pLimit(Number.POSITIVE_INFINITY)}, register});
		const {valueIn, families} = await scrape(register);
		assert.equal(valueIn('p_lanes_concurrency', {limit: 'api', app: 'shop'}), Number.POSITIVE_INFINITY);
		assert.ok(families.has('process_cpu_user_seconds_total'));
		const json = await register.getMetricsAsJSON();
		assert.equal(json.find(({name}) => name === 'p_lanes_oldest_call_age_seconds').aggregator, 'max');
	});
});

describe('the work of an export', () => {
	test('is one snapshot of each limit at a scrape, and none between', async () => {
		const register = new Registry();
		const api = pLimit(1);
		let snapshots = 0;
		const {snapshot} = api;
		api.snapshot = () => {
			snapshots++;
			return snapshot.call(api);
		};
		prometheus({limits: {api}, register});
		await api(() => sleep(1));
		assert.equal(snapshots, 0);
		await register.metrics();
		assert.equal(snapshots, 1);
		await register.getMetricsAsJSON();
		assert.equal(snapshots, 2);
	});

	test('keeps its numbers when the registry is reset', async () => {
		const register = new Registry();
		const api = pLimit(1);
		prometheus({limits: {api}, register});
		await api(() => 1);
		register.resetMetrics();
		assert.equal((await scrape(register)).valueIn('p_lanes_calls_started_total', {lane: 'online'}), 1);
	});
});

describe('names in a registry', () => {
	test('are those of one limit, and of one pool', async () => {
		const register = new Registry();
		const [first, second] = [pLimit(1), pLimit(2)];
		const {unregister} = prometheus({limits: {api: first}, register});
		for (const limits of [{api: second}, {api: first}, {other: second, api: pLimit.keyed({concurrency: 1})}]) {
			assert.throws(() => prometheus({limits, register}), {
				code: 'ERR_INVALID_ARG',
				message: '`limits.api`: the registry has one of that name; give this one another name',
			});
		}

		prometheus({limits: {other: second}, pools: {api: new pLimit.Pool({})}, register});
		assert.deepEqual(
			(await scrape(register)).samplesOf('p_lanes_concurrency').map(({labels: {limit}}) => limit),
			['api', 'other'],
		);
		prometheus({limits: {api: second}, register: new Registry()});

		unregister();
		unregister();
		assert.deepEqual(
			(await scrape(register)).samplesOf('p_lanes_concurrency').map(({labels: {limit}}) => limit),
			['other'],
		);
		prometheus({limits: {api: second}, register});
		assert.equal((await scrape(register)).valueIn('p_lanes_concurrency', {limit: 'api'}), 2);
	});

	test('are free when all are taken out, and when the registry is cleared', async () => {
		const register = new Registry();
		const limits = {api: pLimit(1)};
		prometheus({limits, register}).unregister();
		assert.deepEqual(register.getMetricsAsArray(), []);
		const cleared = prometheus({limits, register});
		register.clear();
		prometheus({limits, register});
		cleared.unregister();
		assert.equal((await scrape(register)).samplesOf('p_lanes_concurrency').length, 1);
	});

	test('of metrics that others have registered are refused, and nothing is changed', () => {
		const register = new Registry();
		new Gauge({name: 'p_lanes_run_seconds', help: 'mine', registers: [register]});
		assert.throws(() => prometheus({limits: {api: pLimit(1)}, register}), {
			code: 'ERR_INVALID_ARG',
			message: '`register` has another metric of the name p_lanes_run_seconds',
		});
		assert.equal(register.getMetricsAsArray().length, 1);
	});
});

describe('options of prometheus', () => {
	test('the registry is by default the global one of prom-client', () => {
		const script = `
			const {register} = require('prom-client');
			const pLimit = require('p-lanes');
			require('p-lanes/prometheus').prometheus({limits: {api: pLimit(3)}});
			register.metrics().then(text => console.log(text.match(/^p_lanes_concurrency.*$/m)[0]));
		`;
		const out = execFileSync(process.execPath, ['-e', script], {cwd: __dirname, encoding: 'utf8'});
		assert.equal(out, 'p_lanes_concurrency{limit="api"} 3\n');
	});

	const limits = {api: pLimit(1)};
	const register = new Registry();
	for (const [options, message] of [
		[{}, /^there is nothing to show/],
		[{limits, register: {}}, '`register` must be a `Registry` of prom-client, got {}'],
		[{limits, registers: [register]}, '`registers` is not an option; there is one registry, `register`'],
		[{limits, register, buckets: []}, '`buckets` must be an array of upper bounds in seconds, got []'],
		[
			{limits, register, buckets: [0.3]},
			'`buckets[0]` must be one of the bounds of `bucketBounds()`, in seconds; the nearest is 0.315, got 0.3',
		],
		[
			{limits, register, buckets: ['1']},
			"`buckets[0]` must be one of the bounds of `bucketBounds()`, in seconds, got '1'",
		],
		[{limits, register, buckets: [1, 0.5]}, '`buckets[1]` must be above the bound before it (1), got 0.5'],
		[{limits, register, maxKeys: -1}, '`maxKeys` must be a whole number from 0 or more, got -1'],
	]) {
		test(`${message}`, () => {
			assert.throws(() => prometheus(options), {code: 'ERR_INVALID_ARG', message});
			assert.equal(register.getMetricsAsArray().length, 0);
		});
	}
});
