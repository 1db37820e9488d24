'use strict';

const assert = require('node:assert/strict');

module.exports = {
	'A web page': {
		files: {'worker.mjs': 'export default task => task * 2;'},
		edit: block => block.replace('9464', '0').replace(/ \/\/ http.*/, ''),
		behind: `
			const response = await fetch(url);
			tell([response.status, await response.text().then(text => text.includes('<title>p-lanes</title>'))]);
			const events = await fetch(url + 'events');
			const reader = events.body.pipeThrough(new TextDecoderStream()).getReader();
			const {value} = await reader.read();
			await reader.cancel();
			tell(JSON.parse(value.slice('data: '.length)).blocks.map(({kind, name, slots}) => [kind, name, slots]));`,
		expected(lines) {
			assert.match(lines[0], /^http:\/\/127\.0\.0\.1:\d+\/$/);
			assert.deepEqual(JSON.parse(lines[1]), [200, true]);
			const blocks = JSON.parse(lines[2]);
			assert.deepEqual(blocks.slice(0, 2), [
				['limit', 'api', 8],
				['limit', 'db', 20],
			]);
			assert.deepEqual(blocks[2].slice(0, 2), ['pool', 'cpu']);
		},
	},

	'A terminal': {
		before: `
			globalThis.urls = range(20);
			globalThis.download = async url => { await tick(); return url; };`,
		behind: 'tell(api.stats().offline.settled);',
		expected(lines) {
			assert.match(lines[0], /^\d\d:\d\d:\d\d api slots=0\/8 /);
			assert.equal(lines.at(-1), '20');
		},
	},

	OpenTelemetry: {
		before: `
			import {createRequire} from 'node:module';
			const fromPackage = createRequire(${JSON.stringify(__filename)});
			const {context, trace} = fromPackage('@opentelemetry/api');
			const {AsyncLocalStorageContextManager} = fromPackage('@opentelemetry/context-async-hooks');
			const {BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor} = fromPackage('@opentelemetry/sdk-trace-base');
			const exporter = new InMemorySpanExporter();
			context.setGlobalContextManager(new AsyncLocalStorageContextManager());
			trace.setGlobalTracerProvider(new BasicTracerProvider({spanProcessors: [new SimpleSpanProcessor(exporter)]}));
			globalThis.url = 'https://example.com/7';
			globalThis.fetch = async url => {
				trace.getTracer('fetch').startSpan('GET ' + url).end();
				return {json: () => ({url})};
			};`,
		behind: `
			const spans = exporter.getFinishedSpans();
			const [get, own] = ['GET ' + url, 'getUser'].map(name => spans.find(span => span.name === name));
			tell([user, get.parentSpanContext.spanId === own.spanContext().spanId, own.attributes['p_lanes.outcome']]);`,
		expected: [[{url: 'https://example.com/7'}, true, 'fulfilled']],
	},

	Prometheus: {
		files: {
			'node_modules/prom-client/package.json': JSON.stringify({main: 'index.js'}),
			'node_modules/prom-client/index.js': `module.exports = require(${JSON.stringify(require.resolve('prom-client'))});`,
		},
		// Any port that is free.
		edit: block => `${block.replace(/^createServer/m, 'const server = createServer').replace('9090', '0')}`,
		behind: `
			await hosts('example.com')(() => api(() => 1));
			if (!server.listening) await new Promise(resolve => server.once('listening', resolve));
			const response = await fetch('http://127.0.0.1:' + server.address().port, {headers: {connection: 'close'}});
			const text = await response.text();
			tell(text.split('\\n').filter(line => /^p_lanes_calls_started_total.*online/.test(line)));
			server.close();`,
		expected: [
			[
				'p_lanes_calls_started_total{limit="api",lane="online"} 1',
				'p_lanes_calls_started_total{limit="all",lane="online"} 1',
				'p_lanes_calls_started_total{limit="hosts",key="example.com",lane="online"} 1',
			],
		],
	},
};
