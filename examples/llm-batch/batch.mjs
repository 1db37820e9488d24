// Answers a file of prompts, one on each line, within two quotas. Each answer goes into a journal at once, so that the batch goes on
// where it stopped when it is started again.

import {readFile} from 'node:fs/promises';
import process from 'node:process';
import {parseArgs} from 'node:util';
import pLimit, {LimitClosedError, retryAfter} from 'p-lanes';
import {Journal} from './journal.mjs';

const USAGE = `Usage: node batch.mjs [options] prompts.txt answers.jsonl
  --url       of the service; default http://127.0.0.1:8090
  --requests  that the service allows in an interval; default 120
  --tokens    that it allows in an interval; default 12000
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
			requests: {type: 'string', default: '120'},
			tokens: {type: 'string', default: '12000'},
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

/**
 * The rate that keeps to a quota: in no interval more than `limit + burst`, which is nine tenths of it. The last tenth is for requests
 * that take longer on their way than those behind them.
 */
const rateWithin = (quota, interval) => ({
	limit: Math.floor(quota * 0.8),
	interval,
	burst: Math.floor(quota * 0.1),
});

const shouldRetry = ({error: {status}}) => status === undefined || status === 429 || status >= 500;
const retry = {retries: 20, maxTimeout: 60_000, randomize: true, retryAfter, shouldRetry};

const ask = async (url, prompt) => {
	const response = await fetch(url, {
		method: 'POST',
		body: JSON.stringify({prompt, max_tokens: MAX_TOKENS}),
		signal: AbortSignal.timeout(60_000),
	});
	if (!response.ok) {
		const {status} = response;
		throw Object.assign(new Error(`${status}: ${await response.text()}`), {status, response});
	}

	return /** @type {Promise<any>} */ (response.json());
};

const main = async () => {
	const {promptsFile, journalFile, url, requests, tokens, interval} = readOptions();
	const lines = (await readFile(promptsFile, 'utf8')).split('\n');
	const prompts = [...new Set(lines.filter(line => line.trim() !== ''))];
	const journal = await Journal.open(journalFile);
	const left = prompts.filter(prompt => !journal.has(prompt));
	console.log(`${prompts.length} prompts, ${prompts.length - left.length} of them answered before`);

	const requestLimit = pLimit({concurrency: 20, rate: rateWithin(requests, interval)});
	const tokenLimit = pLimit({concurrency: Infinity, rate: rateWithin(tokens, interval)});
	// A call waits for its tokens and then for its request. It costs one request, whatever it costs in tokens.
	const api = tokenLimit.chain(requestLimit, {cost: 1}).offline;

	const counts = {answered: 0, failed: 0, stopped: 0};

	const answer = async prompt => {
		// What it may cost at most. What it has cost is known when it has ended: the rest is given back.
		const cost = Math.ceil(prompt.length / 4) + MAX_TOKENS;
		const attempt = async () => {
			let used = 0;
			try {
				const {text, usage} = await ask(url, prompt);
				used = usage.total_tokens;
				return {prompt, text, tokens: used};
			} finally {
				tokenLimit.charge(used - cost);
			}
		};

		try {
			await journal.add(await api.run(attempt, {cost, retry}));
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
		tokenLimit.drain({queued: false});
		requestLimit.drain({queued: false});
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
