'use strict';

const assert = require('node:assert/strict');
const {once} = require('node:events');
const {readFileSync} = require('node:fs');
const {createServer} = require('node:http');
const path = require('node:path');
const {describe, test} = require('node:test');
const {folderFor, start, until} = require('./program.js');

const SLOTS = 8;
const REQUESTS = 5;

/** A backend that answers nothing until it is told to. */
const startBackend = async t => {
	const held = new Map();
	const backend = createServer((request, response) => held.set(request.url, response));
	backend.listen(0, '127.0.0.1');
	await once(backend, 'listening');
	t.after(() => {
		backend.closeAllConnections();
		backend.close();
	});

	return {
		url: `http://127.0.0.1:${backend.address().port}`,
		held,
		answerAll() {
			for (const [url, response] of held) {
				response.end(`answer to ${url}`);
			}
		},
	};
};

/** Starts the program; at the end of this its slots are full, and some requests wait. */
const startBusy = async (t, args = []) => {
	const backend = await startBackend(t);
	const results = path.join(folderFor(t), 'results.jsonl');
	const options = ['--backend', backend.url, '--port', '0', '--results', results, ...args];
	const program = start(t, 'graceful-shutdown/server.mjs', options);
	const [, url] = await program.printed(/listening: (.*)/);
	await until(() => backend.held.size === SLOTS - 2); // the batch, which leaves two slots

	const answers = [];
	for (let id = 1; id <= REQUESTS; id++) {
		fetch(`${url}/users/${id}`).then(
			async response => answers.push({status: response.status, text: await response.text()}),
			error => answers.push({error}),
		);
	}

	await until(() => backend.held.size === SLOTS);
	await until(async () => (await (await fetch(`${url}/stats`)).json()).online.pending === REQUESTS - 2);
	return {...program, url, backend, results, answers};
};

const statusesOf = answers => answers.map(({status}) => status).sort();

describe('a signal', {skip: process.platform === 'win32'}, () => {
	test('lets end what runs, refuses what waits, stores what has come', async t => {
		const {child, ended, printed, url, backend, results, answers} = await startBusy(t, ['--deadline', '250000']);
		child.kill('SIGTERM');
		await printed(/SIGTERM: no new requests/);

		await until(() => answers.length === REQUESTS - 2);
		assert.deepEqual(statusesOf(answers), [503, 503, 503]);
		await assert.rejects(fetch(`${url}/users/late`), TypeError);
		assert.equal(readFileSync(results, 'utf8'), '');

		backend.answerAll();
		const {code, stdout, stderr} = await ended;
		assert.equal(stderr, '');
		assert.equal(code, 0);
		assert.deepEqual(statusesOf(answers), [200, 200, 503, 503, 503]);

		const stored = readFileSync(results, 'utf8').trim().split('\n').map(JSON.parse);
		const asked = [...backend.held.keys()].filter(path => path.startsWith('/items/'));
		assert.equal(asked.length, SLOTS - 2);
		assert.deepEqual(
			stored,
			asked.map((path, index) => ({item: index + 1, answer: `answer to ${path}`})),
		);
		assert.match(stdout, /batch ended, results stored: 6\nended, refused while they waited: 3 requests, \d+ items\n$/);
	});

	test('at the deadline aborts what still runs', async t => {
		const {child, ended, backend, results, answers} = await startBusy(t, ['--deadline', '300']);
		child.kill('SIGTERM');
		const {code, stdout, stderr} = await ended;
		assert.equal(code, 1);
		assert.equal(stderr, 'deadline: aborted [{"label":"request","count":2},{"label":"download","count":6}]\n');
		assert.match(stdout, /results stored: 0\n/);
		assert.deepEqual(statusesOf(answers), [503, 503, 503, 503, 503]);
		assert.equal(readFileSync(results, 'utf8'), '');
		assert.equal(backend.held.size, SLOTS);
	});

	test('a second one ends the process at once', async t => {
		const {child, ended, printed} = await startBusy(t);
		child.kill('SIGTERM');
		await printed(/SIGTERM: no new requests/);
		child.kill('SIGTERM');
		assert.equal((await ended).signal, 'SIGTERM');
	});
});

test('a batch that ends leaves the server running', async t => {
	const backend = await startBackend(t);
	const results = path.join(folderFor(t), 'results.jsonl');
	const options = ['--backend', backend.url, '--port', '0', '--results', results, '--items', '2'];
	const {printed} = start(t, 'graceful-shutdown/server.mjs', options);
	const [, url] = await printed(/listening: (.*)/);
	await until(() => backend.held.size === 2);
	backend.answerAll();
	await printed(/batch ended, results stored: 2/);

	const answer = fetch(`${url}/users/1`);
	await until(() => backend.held.has('/users/1'));
	backend.answerAll();
	assert.equal(await (await answer).text(), 'answer to /users/1');
});
