'use strict';

const assert = require('node:assert/strict');
const {test} = require('node:test');
const {start, until} = require('./program.js');

const startApi = async (t, args = []) => {
	const program = start(t, 'api-with-batch/api.mjs', ['--port', '0', ...args]);
	const [, url] = await program.printed(/listening: (.*)/);
	const call = async (path, method = 'GET') => {
		const response = await fetch(url + path, {method});
		return {status: response.status, body: await response.json()};
	};

	return {...program, url, call};
};

/** Reads `/metrics`. Gives a function that gives a value, of the limit or of one of its lanes. */
const metricsOf = async url => {
	const response = await fetch(`${url}/metrics`);
	assert.match(response.headers.get('content-type'), /^text\/plain/);
	const lines = (await response.text()).split('\n');
	return (name, lane) => {
		const start = `p_lanes_${name}{limit="database"${lane === undefined ? '' : `,lane="${lane}"`}} `;
		const line = lines.find(line => line.startsWith(start));
		assert.ok(line !== undefined, `no ${start}`);
		return Number(line.slice(start.length));
	};
};

test('answers requests', async t => {
	const {call} = await startApi(t);
	assert.deepEqual(await call('/users/7'), {status: 200, body: {id: 7, orders: [7, 14, 21], total: 0}});
	assert.deepEqual(await call('/users/10001'), {status: 404, body: {error: 'there is no user 10001'}});
	assert.deepEqual(await call('/users/x'), {status: 404, body: {error: 'there is no GET /users/x'}});
	assert.equal((await call('/batch')).body.isRunning, false);
});

test('the batch does all users, and its figures can be read', async t => {
	const {url, call, printed} = await startApi(t, ['--users', '200']);
	assert.equal((await call('/batch', 'POST')).status, 200);
	await printed(/batch: 200 users, 0 of them failed/);
	const {isRunning, total, done, failed} = (await call('/batch')).body;
	assert.deepEqual({isRunning, total, done, failed}, {isRunning: false, total: 200, done: 200, failed: 0});
	for (const id of [1, 100, 200]) {
		assert.equal((await call(`/users/${id}`)).body.total, 6 * id);
	}

	const metric = await metricsOf(url);
	assert.equal(metric('concurrency'), 10);
	assert.equal(metric('calls_settled_total', 'online'), 3);
	assert.equal(metric('calls_settled_total', 'offline'), 201);
	assert.equal(metric('calls_failed_total', 'offline'), 0);
	assert.equal(metric('calls_pending', 'offline'), 0);
	assert.equal(metric('wait_seconds_count', 'offline'), 201);
	assert.ok(metric('run_seconds_sum', 'offline') > 0);
});

test('requests do not wait for the batch', async t => {
	const users = 100_000;
	const {url, call} = await startApi(t, ['--users', String(users)]);
	await call('/batch', 'POST');
	await until(async () => (await call('/batch')).body.done > 0);
	assert.equal((await call('/batch', 'POST')).status, 409);

	// Behind the batch in one queue, the first of them would be answered when the batch is done.
	const answers = await Promise.all(Array.from({length: 60}, (_, index) => call(`/users/${index + 1}`)));
	for (const {status} of answers) {
		assert.equal(status, 200);
	}

	const {isRunning, done} = (await call('/batch')).body;
	assert.ok(isRunning);
	assert.ok(done < users);
	const metric = await metricsOf(url);
	assert.equal(metric('calls_settled_total', 'online'), 60);
	assert.equal(metric('calls_failed_total', 'offline'), 0); // as a query without a connection would be
	assert.ok(metric('reserve') >= 1);
});

test('refuses requests when too many wait', async t => {
	const {url, call} = await startApi(t, ['--latency', '1000000']);
	const answers = [];
	for (let request = 0; request < 115; request++) {
		call('/users/1').then(
			answer => answers.push(answer),
			() => {}, // the server is killed at the end
		);
	}

	// Ten run, a hundred wait.
	await until(() => answers.length === 5);
	for (const answer of answers) {
		assert.deepEqual(answer, {status: 503, body: {error: 'too many requests at the moment'}});
	}

	const metric = await metricsOf(url);
	assert.equal(metric('calls_active', 'online'), 10);
});

test('the call of a client that has gone is given up', async t => {
	const {url} = await startApi(t, ['--latency', '1000000']);
	const client = new AbortController();
	const requests = Array.from({length: 12}, () => fetch(`${url}/users/1`, {signal: client.signal}));
	const outcomes = Promise.allSettled(requests);
	await until(async () => (await metricsOf(url))('calls_pending', 'online') === 2);
	client.abort();
	await outcomes;
	await until(async () => (await metricsOf(url))('calls_aborted_total', 'online') > 0);
});

test('the batch begins at its hour', async () => {
	const {untilHour} = await import('../../examples/api-with-batch/batch.mjs');
	for (const now of [new Date(2026, 0, 31, 2, 59), new Date(2026, 0, 31, 3), new Date(2026, 11, 31, 23)]) {
		const next = new Date(now.getTime() + untilHour(3, now));
		assert.ok(next > now);
		assert.equal(next.getHours(), 3);
		assert.equal(next.getMinutes(), 0);
		assert.ok(next - now <= 25 * 3_600_000);
	}
});
