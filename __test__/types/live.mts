import {metrics, trace} from '@opentelemetry/api';
import {expectTypeOf} from 'expect-type';
import pLimit, {Pool} from 'p-lanes';
import {type Dashboard, type DashboardOptions, dashboard} from 'p-lanes/dashboard';
import {type OpenTelemetryExport, opentelemetry} from 'p-lanes/opentelemetry';
import {type PrometheusExport, prometheus} from 'p-lanes/prometheus';
import {type Top, top} from 'p-lanes/top';
import {Gauge, type OpenMetricsContentType, Registry, register} from 'prom-client';

const api = pLimit(1);
const hosts = pLimit.keyed<string>({concurrency: 1});
const pools = {cpu: new Pool(), typed: new Pool<{default: (task: number) => string}>()};

expectTypeOf(dashboard({limits: {api, hosts}, pools, port: 0, interval: 500})).toEqualTypeOf<Promise<Dashboard>>();
expectTypeOf((await dashboard({pools})).close()).toEqualTypeOf<Promise<void>>();
const options: DashboardOptions = {limits: {api}, pools: undefined, port: null};
await using view = await dashboard(options);
expectTypeOf(view.url).toEqualTypeOf<string>();
// @ts-expect-error a lane is no limit
dashboard({limits: {api: api.offline}});
// @ts-expect-error a pool is no limit
dashboard({limits: pools});
// @ts-expect-error it listens on the loopback interface alone
dashboard({limits: {api}, host: '0.0.0.0'});

expectTypeOf(top({limits: {api}, output: process.stderr})).toEqualTypeOf<Top>();
// @ts-expect-error misspelt
top({limit: {api}});

expectTypeOf(
	prometheus({limits: {api, hosts}, register, buckets: [0.1, 1], maxKeys: 10}),
).toEqualTypeOf<PrometheusExport>();
prometheus({pools, register: new Registry<OpenMetricsContentType>()});
// @ts-expect-error no registry
prometheus({limits: {api}, register: new Gauge({name: 'a', help: 'a'})});

expectTypeOf(opentelemetry({limits: {api, hosts}, pools})).toEqualTypeOf<OpenTelemetryExport>();
const [meterProvider, tracerProvider] = [metrics.getMeterProvider(), trace.getTracerProvider()];
opentelemetry({limits: {api}, meterProvider, tracerProvider, spans: true, histograms: false, maxKeys: 0}).stop();
// @ts-expect-error a meter is no provider
opentelemetry({limits: {api}, meterProvider: meterProvider.getMeter('a')});
