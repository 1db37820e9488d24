'use strict';

const assert = require('node:assert/strict');

module.exports = {
	'A look': {
		expected(lines) {
			assert.match(lines.join(' '), /^Limit \{ +concurrency: 8, +active: \{ online: 0, offline: 0 \}/);
		},
	},

	'Numbers now': {
		behind: 'tell([concurrency, online.refused, offline.retries, online.wait.count]);',
		expected: [[8, 0, 0, 0]],
	},

	'Numbers of an interval': {
		before: 'await limit(() => tick());',
		edit: block =>
			block
				.replace('60_000).unref()', '5)')
				.replace('console.log', 'clearTimeout(timer); console.log')
				.replace('setInterval', 'const timer = setInterval'),
		behind: 'await limit(() => tick());',
		expected([line]) {
			assert.match(line, /^[\d.]+ calls a second, p99 of the wait [\d.]+ ms$/);
		},
	},

	'Snapshots that are kept': {
		before: `
			globalThis.files = range(5);
			globalThis.upload = async () => {};`,
		behind: 'tell([offline.settled, online.settled, online.run.count]);',
		expected: [[0, 5, 5]],
	},

	Histograms: {
		before: 'await limit.map(range(5), () => tick());',
		behind: 'tell([run.count, run.buckets.reduce((sum, {count}) => sum + count, 0)]);',
		expected: [[5, 5]],
	},

	'A Prometheus histogram': {
		before: 'await limit.map(range(5), () => tick());',
		behind: 'tell([cumulative.length, cumulative.at(-1)]);',
		expected: [[9, {le: 10, value: 5}]],
	},

	'Messages of each call': {
		before: `
			globalThis.log = {warn: message => tell([message.lane, message.label, message.reason, message.error.message])};`,
		behind: `
			await limit(() => 1);
			await limit.offline(async function mail() { throw new Error('no'); }).catch(() => {});`,
		expected: [['offline', 'mail', 'rejected', 'no']],
	},

	'The call, and its span': {
		before: `
			import {AsyncLocalStorage} from 'node:async_hooks';
			globalThis.storage = new AsyncLocalStorage();
			globalThis.tracer = {startSpan: label => ({label, end: () => tell('end of ' + label)})};`,
		behind: `
			await limit(async function load() { await tick(); tell('in ' + storage.getStore().label); });`,
		expected: ['in load', 'end of load'],
	},

	Progress: {
		before: `
			globalThis.files = range(20);
			globalThis.upload = async () => tick();`,
		expected(lines) {
			assert.match(lines.at(-1), /^20 of 20, 0 failed, [\d.]+ a second, 0 s left$/);
		},
	},
};
