// An HTTP API whose requests share the connections of a database with a nightly batch.

import {once} from 'node:events';
import {createServer} from 'node:http';
import {parseArgs} from 'node:util';
import pLimit, {QueueFullError, QueueTimeoutError, TaskTimeoutError} from 'p-lanes';
import {prometheus} from 'p-lanes/prometheus';
import {Registry} from 'prom-client';
import {Batch} from './batch.mjs';
import {Database} from './database.mjs';

const {values} = parseArgs({
	options: {
		port: {type: 'string', default: '8080'},
		users: {type: 'string', default: '10000'},
		latency: {type: 'string', default: '5'}, // of a query, in milliseconds
		hour: {type: 'string', default: '3'}, // of the batch
	},
});

const database = new Database({
	connections: 10,
	users: Number(values.users),
	latency: Number(values.latency),
});

// A slot for each connection. More than 100 requests do not wait: they are refused at once.
const limit = pLimit({concurrency: database.connections, maxQueue: {online: 100}});
const requests = limit.with({queueTimeout: 10_000, timeout: 30_000});
const batch = new Batch(limit, database);

const register = new Registry();
prometheus({limits: {database: limit}, register});

class HttpError extends Error {
	constructor(status, message) {
		super(message);
		this.status = status;
	}
}

const getUser = async (id, signal) => {
	const user = await requests.with({signal, label: 'getUser'})(() => database.user(id));
	if (user === undefined) {
		throw new HttpError(404, `there is no user ${id}`);
	}

	return user;
};

const batchState = () => ({isRunning: batch.isRunning, ...batch.progress});

const startBatch = () => {
	if (batch.isRunning) {
		throw new HttpError(409, 'the batch is running');
	}

	batch.run();
	return batchState();
};

/**
 * What is sent as JSON for a request.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {AbortSignal} signal
 */
const answer = ({method, url}, signal) => {
	const route = `${method} ${url}`;
	const id = /^GET \/users\/(\d+)$/.exec(route)?.[1];
	if (id !== undefined) {
		return getUser(Number(id), signal);
	}

	switch (route) {
		case 'GET /batch':
			return batchState();
		case 'POST /batch':
			return startBatch();
		default:
			throw new HttpError(404, `there is no ${route}`);
	}
};

/** What a client is told of an error. */
const httpErrorOf = error => {
	if (error instanceof HttpError) {
		return error;
	}

	if (error instanceof QueueFullError || error instanceof QueueTimeoutError) {
		return new HttpError(503, 'too many requests at the moment');
	}

	if (error instanceof TaskTimeoutError) {
		return new HttpError(504, 'the database takes too long');
	}

	console.error(error);
	return new HttpError(500, 'something went wrong');
};

const server = createServer(async (request, response) => {
	if (request.url === '/metrics') {
		response.setHeader('content-type', register.contentType);
		response.end(await register.metrics());
		return;
	}

	// If the client goes away, its call leaves the queue.
	const gone = new AbortController();
	response.once('close', () => gone.abort());
	response.setHeader('content-type', 'application/json');
	try {
		response.end(JSON.stringify(await answer(request, gone.signal)));
	} catch (error) {
		if (gone.signal.aborted) {
			return; // nobody is there to be told
		}

		const {status, message} = httpErrorOf(error);
		response.statusCode = status;
		response.end(JSON.stringify({error: message}));
	}
});

server.listen(Number(values.port), '127.0.0.1');
await once(server, 'listening');
batch.schedule(Number(values.hour));
const {port} = /** @type {import('node:net').AddressInfo} */ (server.address());
console.log(`listening: http://127.0.0.1:${port}`);
