// Stands for the API of a language model. It enforces two quotas in every interval, requests and tokens, and answers 429 with
// Retry-After to what exceeds one of them.

import {createServer} from 'node:http';
import {setTimeout as sleep} from 'node:timers/promises';
import {parseArgs} from 'node:util';

const {values} = parseArgs({
	options: {
		port: {type: 'string', default: '8090'},
		requests: {type: 'string', default: '120'},
		tokens: {type: 'string', default: '12000'},
		interval: {type: 'string', default: '60000'}, // milliseconds
		latency: {type: 'string', default: '1000'}, // milliseconds
	},
});
const requests = Number(values.requests);
const tokens = Number(values.tokens);
const interval = Number(values.interval);
const latency = Number(values.latency);

const MOST_CHARACTERS = 2000;

/** What was let in during the last interval: `{time, tokens}`, the oldest first. */
const accepted = [];
const figures = {answered: 0, refused: 0, asked: []};

/** How long to wait until there is room for so many tokens; 0 if there is room now. */
const waitFor = (wanted, now) => {
	while (accepted.length > 0 && accepted[0].time <= now - interval) {
		accepted.shift();
	}

	let count = accepted.length + 1;
	let sum = accepted.reduce((all, entry) => all + entry.tokens, wanted);
	let wait = 0;
	for (const entry of accepted) {
		if (count <= requests && sum <= tokens) {
			break;
		}

		count--;
		sum -= entry.tokens;
		wait = entry.time + interval - now;
	}

	return wait;
};

const complete = async ({prompt, max_tokens: maxTokens}, response) => {
	if (typeof prompt !== 'string' || prompt.length > MOST_CHARACTERS) {
		response.writeHead(400).end(`a prompt has at most ${MOST_CHARACTERS} characters`);
		return;
	}

	const now = performance.now();
	const promptTokens = Math.ceil(prompt.length / 4);
	const entry = {time: now, tokens: promptTokens + maxTokens};
	const wait = waitFor(entry.tokens, now);
	if (wait > 0) {
		figures.refused++;
		response.writeHead(429, {'retry-after': Math.ceil(wait / 1000), 'retry-after-ms': Math.ceil(wait)});
		response.end('too many requests or tokens');
		return;
	}

	accepted.push(entry);
	figures.asked.push(prompt);
	await sleep(latency * (0.5 + Math.random()));
	entry.tokens = promptTokens + Math.ceil(maxTokens / 4); // what was used
	figures.answered++;
	response.end(JSON.stringify({text: `You asked: ${prompt}`, usage: {total_tokens: entry.tokens}}));
};

const server = createServer(async (request, response) => {
	if (request.url === '/stats') {
		response.end(JSON.stringify(figures));
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
