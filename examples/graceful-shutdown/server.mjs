// An API in front of a slow backend, with a batch beside it. On SIGTERM it ends in good order, and before a deadline.

import {once} from 'node:events';
import {createServer, STATUS_CODES} from 'node:http';
import process from 'node:process';
import {parseArgs} from 'node:util';
import pLimit, {LimitClosedError, TaskTimeoutError} from 'p-lanes';
import {runBatch} from './batch.mjs';

const {values} = parseArgs({
	options: {
		backend: {type: 'string', default: 'http://127.0.0.1:8081'},
		port: {type: 'string', default: '8080'},
		deadline: {type: 'string', default: '15000'}, // milliseconds that requests and items have to end
		items: {type: 'string', default: '10000'},
		results: {type: 'string', default: 'results.jsonl'},
	},
});

// What the backend can bear. Two slots are kept for requests: the batch would fill all of them.
const limit = pLimit({concurrency: 8, reserve: 2});

const ask = async (path, signal) => {
	const response = await fetch(new URL(path, values.backend), {signal});
	if (!response.ok) {
		throw new Error(`the backend answered ${response.status} to ${path}`);
	}

	return response.text();
};

const statusOf = error => {
	if (error instanceof LimitClosedError) {
		return 503; // the process ends: another one will answer
	}

	return error instanceof TaskTimeoutError ? 504 : 502;
};

const send = (response, status, text) => {
	// While the server closes, so does each connection behind its answer: the end would wait for idle ones.
	response.writeHead(status, server.listening ? {} : {connection: 'close'}).end(text);
};

const answer = async (request, response) => {
	if (request.url === '/stats') {
		send(response, 200, JSON.stringify(limit.stats()));
		return;
	}

	try {
		const call = ({signal}) => ask(request.url, signal);
		send(response, 200, await limit.run(call, {timeout: 60_000, label: 'request'}));
	} catch (error) {
		const status = statusOf(error);
		send(response, status, `${STATUS_CODES[status]}\n`);
	}
};

const server = createServer(answer);
server.listen(Number(values.port), '127.0.0.1');
await once(server, 'listening');
const {port} = /** @type {import('node:net').AddressInfo} */ (server.address());
console.log(`listening: http://127.0.0.1:${port}`);

const batch = runBatch(limit, ask, {items: Number(values.items), file: values.results}).then(
	stored => console.log(`batch ended, results stored: ${stored}`),
	error => {
		console.error('batch failed:', error);
		process.exitCode = 1;
	},
);

const shutDown = async name => {
	console.log(`${name}: no new requests`);
	const deadline = Number(values.deadline);
	setTimeout(() => process.exit(1), deadline + 10_000).unref(); // for what ignores its signal

	const closed = once(server.close(), 'close'); // resolves when all responses are sent
	const left = await limit.drain({queued: false, timeout: deadline});
	if (!left.isIdle) {
		console.error(`deadline: aborted ${JSON.stringify([...left.online.labels, ...left.offline.labels])}`);
		process.exitCode = 1;
	}

	await Promise.all([batch, closed]);
	console.log(`ended, refused while they waited: ${left.online.dropped} requests, ${left.offline.dropped} items`);
	process.exit();
};

// Once: a second signal ends the process at once, as it does without a listener.
process.once('SIGTERM', shutDown);
process.once('SIGINT', shutDown);
