// Stands for the API of a language model. It enforces two quotas, requests and tokens, in windows that follow each other. It says in
// headers what is left, and answers 429 to what exceeds one of them.

import {createServer} from 'node:http';
import {setTimeout as sleep} from 'node:timers/promises';
import {parseArgs} from 'node:util';

const {values} = parseArgs({
	options: {
		port: {type: 'string', default: '8090'},
		requests: {type: 'string', default: '120'},
		tokens: {type: 'string', default: '24000'},
		interval: {type: 'string', default: '60000'}, // milliseconds
		latency: {type: 'string', default: '1000'}, // milliseconds
	},
});
const interval = Number(values.interval);
const latency = Number(values.latency);
const quotas = {requests: Number(values.requests), tokens: Number(values.tokens)};

const MOST_CHARACTERS = 2000;

/** What was let in and refused, by window. */
const windows = [];
const asked = [];
const began = performance.now();

/** Returns the number of the window that runs now. */
const windowNow = () => {
	const number = Math.floor((performance.now() - began) / interval);
	while (windows.length <= number) {
		windows.push({requests: 0, tokens: 0, refused: 0});
	}

	return number;
};

/** Milliseconds until the next window begins. */
const timeLeft = () => interval - ((performance.now() - began) % interval);

/** What is left of both quotas, as OpenAI says it. */
const headersNow = () => {
	const used = windows[windowNow()];
	const headers = {};
	for (const [name, limit] of Object.entries(quotas)) {
		headers[`x-ratelimit-limit-${name}`] = limit;
		headers[`x-ratelimit-remaining-${name}`] = limit - used[name];
		headers[`x-ratelimit-reset-${name}`] = `${Math.ceil(timeLeft())}ms`;
	}

	return headers;
};

const complete = async ({prompt, max_tokens: maxTokens}, response) => {
	if (typeof prompt !== 'string' || prompt.length > MOST_CHARACTERS) {
		response.writeHead(400).end(`a prompt has at most ${MOST_CHARACTERS} characters`);
		return;
	}

	const window = windows[windowNow()];
	const promptTokens = Math.ceil(prompt.length / 4);
	const most = promptTokens + maxTokens;
	if (window.requests + 1 > quotas.requests || window.tokens + most > quotas.tokens) {
		window.refused++;
		response.writeHead(429, {...headersNow(), 'retry-after-ms': Math.ceil(timeLeft())});
		response.end('too many requests or tokens');
		return;
	}

	window.requests++;
	window.tokens += most;
	asked.push(prompt);
	await sleep(latency * (0.5 + Math.random()));
	const used = promptTokens + Math.ceil(maxTokens * 0.95);
	window.tokens -= most - used;
	response.writeHead(200, headersNow());
	response.end(JSON.stringify({text: `You asked: ${prompt}`, usage: {total_tokens: used}}));
};

const server = createServer(async (request, response) => {
	if (request.url === '/stats') {
		response.end(JSON.stringify({asked, windows}));
		return;
	}

	try {
		const chunks = await request.toArray();
		await complete(JSON.parse(Buffer.concat(chunks).toString()), response);
	} catch (error) {
		response.writeHead(400).end(error.message);
	}
});

server.listen(Number(values.port), '127.0.0.1', () => {
	const {port} = /** @type {import('node:net').AddressInfo} */ (server.address());
	console.log(`service: http://127.0.0.1:${port}`);
});
