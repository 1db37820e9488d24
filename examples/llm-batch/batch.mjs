// Answers a file of prompts, one on each line, within two quotas that the service tells. Each answer goes into a journal at once, so that the batch goes on
// where it stopped when it is started again.

import {readFile} from 'node:fs/promises';
import process from 'node:process';
import {parseArgs} from 'node:util';
import pLimit, {LimitClosedError, retryAfter} from 'p-lanes';
import {Journal} from './journal.mjs';

const USAGE = `Usage: node batch.mjs [options] prompts.txt answers.jsonl
  --url       of the service; default http://127.0.0.1:8090
  --requests  that are sent in an interval at most; default 10000
  --tokens    that are used in an interval at most; default 10000000
  --interval  milliseconds; default 60000`;

const MAX_TOKENS = 200; // of an answer

const numberOf = (name, text) => {
	const number = Number(text);
	if (!Number.isInteger(number) || number < 10) {
		throw new Error(`--${name} must be a whole number from 10, got '${text}'`);
	}

	return number;
};

const readOptions = () => {
	const {values, positionals} = parseArgs({
		options: {
			url: {type: 'string', default: 'http://127.0.0.1:8090'},
			requests: {type: 'string', default: '10000'},
			tokens: {type: 'string', default: '10000000'},
			interval: {type: 'string', default: '60000'},
		},
		allowPositionals: true,
	});
	if (positionals.length !== 2) {
		throw new Error('Two files are needed: the prompts and the answers');
	}

	const [promptsFile, journalFile] = positionals;
	return {
		promptsFile,
		journalFile,
		url: values.url,
		requests: numberOf('requests', values.requests),
		tokens: numberOf('tokens', values.tokens),
		interval: numberOf('interval', values.interval),
	};
};

const shouldRetry = ({error: {status}}) => status === undefined || status === 429 || status >= 500;
const retry = {retries: 20, maxTimeout: 60_000, randomize: true, retryAfter, shouldRetry};

/** One attempt. The limit learns from the answer, and from what it has cost. */
const ask = async (url, prompt, {signal, observe, settle}) => {
	const response = await fetch(url, {
		method: 'POST',
		body: JSON.stringify({prompt, max_tokens: MAX_TOKENS}),
		signal,
	});
	observe(response);
	if (!response.ok) {
		const {status} = response;
		throw Object.assign(new Error(`${status}: ${await response.text()}`), {status, response});
	}

	const {text, usage} = await /** @type {Promise<any>} */ (response.json());
	settle({tokens: usage.total_tokens});
	return {prompt, text, tokens: usage.total_tokens};
};

const main = async () => {
	const {promptsFile, journalFile, url, requests, tokens, interval} = readOptions();
	const lines = (await readFile(promptsFile, 'utf8')).split('\n');
	const prompts = [...new Set(lines.filter(line => line.trim() !== ''))];
	const journal = await Journal.open(journalFile);
	const left = prompts.filter(prompt => !journal.has(prompt));
	console.log(`${prompts.length} prompts, ${prompts.length - left.length} of them answered before`);

	// The service says how much is left of its quotas. These are the most that the batch may use.
	const limit = pLimit({
		concurrency: 20,
		rate: {
			requests: {limit: requests, interval, window: 'fixed'},
			tokens: {limit: tokens, interval, window: 'fixed'},
		},
	});

	const counts = {answered: 0, failed: 0, stopped: 0};

	const answer = async prompt => {
		// What it may cost at most. What it has cost is known when it has ended: the rest is given back.
		const cost = {requests: 1, tokens: Math.ceil(prompt.length / 4) + MAX_TOKENS};
		try {
			const call = limit.offline.run(context => ask(url, prompt, context), {cost, retry, attemptTimeout: 60_000});
			await journal.add(await call);
			counts.answered++;
			console.log(`${counts.answered} of ${left.length}: ${prompt.slice(0, 60)}`);
		} catch (error) {
			if (error instanceof LimitClosedError) {
				counts.stopped++;
			} else {
				counts.failed++;
				console.error(`failed: ${prompt.slice(0, 60)}: ${error.message}`);
			}
		}
	};

	// Ctrl-C: what was asked is paid for, so its answers are waited for; nothing more is asked. Once: a second Ctrl-C ends at once.
	process.once('SIGINT', () => {
		console.log('stopping');
		limit.drain({queued: false});
	});

	await Promise.all(left.map(answer));
	await journal.close();
	console.log(`${counts.answered} answered, ${counts.failed} failed, ${counts.stopped} not asked`);
	process.exitCode = counts.answered === left.length ? 0 : 1;
};

main().catch(error => {
	console.error(`${error.message}\n${USAGE}`);
	process.exitCode = 2;
});
