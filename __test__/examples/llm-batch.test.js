'use strict';

const assert = require('node:assert/strict');
const {appendFileSync, existsSync, readFileSync, writeFileSync} = require('node:fs');
const path = require('node:path');
const {test} = require('node:test');
const {folderFor, run, start, until} = require('./program.js');

const INTERVAL = 1000;

const startService = async (t, quotas) => {
	const options = {port: 0, interval: INTERVAL, latency: 20, ...quotas};
	const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
	const {printed} = start(t, 'llm-batch/service.mjs', args);
	const [, url] = await printed(/service: (.*)/);
	return {url, figures: async () => (await fetch(`${url}/stats`)).json()};
};

/** A batch of prompts for a service, with what its user takes the quotas for. */
const batchOf = (t, prompts, service, quotas) => {
	const folder = folderFor(t);
	const promptsFile = path.join(folder, 'prompts.txt');
	const journal = path.join(folder, 'answers.jsonl');
	writeFileSync(promptsFile, prompts.join('\n'));
	const argsWith = more =>
		Object.entries({url: service.url, interval: INTERVAL, ...quotas, ...more})
			.flatMap(([name, value]) => [`--${name}`, String(value)])
			.concat(promptsFile, journal);
	return {
		journal,
		argsWith,
		args: argsWith({}),
		/** The prompts that are answered for good. The last line may be cut off. */
		answered: () =>
			existsSync(journal)
				? readFileSync(journal, 'utf8')
						.split('\n')
						.slice(0, -1)
						.map(line => JSON.parse(line).prompt)
				: [],
	};
};

const promptsOf = count => Array.from({length: count}, (_, index) => `Prompt number ${index}`);

/** Each prompt has one answer. */
const assertAnswered = (answered, prompts) => assert.deepEqual([...answered].sort(), [...prompts].sort());

const sum = (windows, name) => windows.reduce((all, window) => all + window[name], 0);

/** The windows from the first one that was used to the last one. */
const used = windows => windows.slice(windows.findIndex(({requests}) => requests > 0));

/** What it is told is so far below the service's quotas that windows which begin at other times make no difference. */
for (const [name, own, theirs] of [
	['requests', {requests: 25, tokens: 100_000}, {requests: 60, tokens: 100_000}],
	['tokens', {requests: 1000, tokens: 9000}, {requests: 1000, tokens: 20_000}],
]) {
	test(`keeps to a quota of ${name} below the service's`, async t => {
		const prompts = promptsOf(90).map(prompt => prompt.padEnd(800, '.'));
		const service = await startService(t, theirs);
		const batch = batchOf(t, prompts, service, own);
		const {code, stdout, stderr} = await run(t, 'llm-batch/batch.mjs', batch.args);
		assert.equal(stderr, '');
		assert.equal(code, 0);
		assert.match(stdout, /90 answered, 0 failed, 0 not asked\n$/);
		assertAnswered(batch.answered(), prompts);

		const {windows} = await service.figures();
		assert.equal(sum(windows, 'refused'), 0);
		assert.equal(sum(windows, 'requests'), 90);
		assert.ok(windows.every(window => window[name] <= 2 * own[name]));
	});
}

test('learns both quotas, is never refused, and uses nearly all of them', async t => {
	const prompts = promptsOf(480).map(prompt => prompt.padEnd(40, '.'));
	// An answer costs 200 tokens, and may cost 210: both quotas are used up by 100 requests.
	const quotas = {requests: 100, tokens: 20_200};
	const service = await startService(t, {...quotas, interval: 1500});
	const batch = batchOf(t, prompts, service, {interval: 1500});
	const {code, stderr} = await run(t, 'llm-batch/batch.mjs', batch.args);
	assert.equal(stderr, '');
	assert.equal(code, 0);
	assertAnswered(batch.answered(), prompts);

	const {windows} = await service.figures();
	assert.equal(sum(windows, 'refused'), 0);
	const whole = used(windows).slice(1, -1);
	assert.ok(whole.length >= 2, JSON.stringify(windows));
	for (const name of ['requests', 'tokens']) {
		assert.ok(sum(whole, name) >= 0.95 * quotas[name] * whole.length, JSON.stringify(windows));
	}
});

test('is refused only before it knows better', async t => {
	const prompts = promptsOf(40);
	const service = await startService(t, {requests: 8, tokens: 100_000, interval: 1500});
	const batch = batchOf(t, prompts, service, {interval: 1500});
	const {code, stderr} = await run(t, 'llm-batch/batch.mjs', batch.args);
	assert.equal(stderr, '');
	assert.equal(code, 0);
	assertAnswered(batch.answered(), prompts);

	// It sends 20 at once, maybe around the end of a window, and at least 8 of them are let in.
	const windows = used((await service.figures()).windows);
	const refused = sum(windows, 'refused');
	assert.ok(refused > 0 && refused <= 20 - 8, JSON.stringify(windows));
	assert.equal(sum(windows, 'requests'), 40);
});

test('goes on where a kill has stopped it', async t => {
	const prompts = promptsOf(100);
	const service = await startService(t, {requests: 1000, tokens: 1_000_000});
	const batch = batchOf(t, prompts, service, {requests: 500, tokens: 1_000_000});
	const first = start(t, 'llm-batch/batch.mjs', batch.argsWith({requests: 12}));
	await until(() => batch.answered().length >= 10);
	first.child.kill('SIGKILL');
	await first.ended;

	const before = batch.answered();
	assert.ok(before.length < 100);
	const askedBefore = (await service.figures()).asked.length;
	appendFileSync(batch.journal, '{"prompt":"Prompt numb'); // as a kill in the middle of a line leaves it

	const {code, stdout} = await run(t, 'llm-batch/batch.mjs', batch.args);
	assert.equal(code, 0);
	assert.ok(stdout.startsWith(`100 prompts, ${before.length} of them answered before\n`), stdout);
	assertAnswered(batch.answered(), prompts);

	const {asked} = await service.figures();
	const again = new Set(asked.slice(askedBefore));
	assert.equal(again.size, 100 - before.length);
	assert.deepEqual(
		before.filter(prompt => again.has(prompt)),
		[],
	);

	const third = await run(t, 'llm-batch/batch.mjs', batch.args);
	assert.match(third.stdout, /100 of them answered before\n0 answered/);
	assert.equal(third.code, 0);
	assert.equal((await service.figures()).asked.length, asked.length);
});

test('Ctrl-C loses no answer that was asked for', {skip: process.platform === 'win32'}, async t => {
	const prompts = promptsOf(200);
	const service = await startService(t, {requests: 1000, tokens: 1_000_000, latency: 300});
	const batch = batchOf(t, prompts, service, {requests: 25, tokens: 1_000_000});
	const {child, ended} = start(t, 'llm-batch/batch.mjs', batch.args);
	await until(() => batch.answered().length >= 5);
	child.kill('SIGINT');

	const {code, stdout} = await ended;
	assert.equal(code, 1);
	const {asked} = await service.figures();
	assertAnswered(batch.answered(), asked);
	assert.ok(asked.length < 200);
	assert.ok(stdout.endsWith(`\n${asked.length} answered, 0 failed, ${200 - asked.length} not asked\n`), stdout);
});

test('a prompt that is refused fails alone, and is asked once', async t => {
	const long = 'x'.repeat(2001);
	const service = await startService(t, {requests: 1000, tokens: 1_000_000});
	const batch = batchOf(t, ['a', long, 'b', '', 'a'], service, {requests: 500, tokens: 500_000});
	const {code, stdout, stderr} = await run(t, 'llm-batch/batch.mjs', batch.args);
	assert.equal(code, 1);
	assert.match(stderr, /^failed: x+: 400: a prompt has at most 2000 characters\n$/);
	assert.match(stdout, /^3 prompts, 0 of them/);
	assert.match(stdout, /2 answered, 1 failed, 0 not asked\n$/);
	assertAnswered(batch.answered(), ['a', 'b']);
});

test('files and options that can not be used', async t => {
	const service = {url: 'http://127.0.0.1:1'};
	const batch = batchOf(t, ['a'], service, {});
	writeFileSync(batch.journal, 'a diary\n');
	for (const [args, message] of [
		[batch.args, /answers.jsonl: line 1 is no answer; is this a journal\?/],
		[batch.args.slice(0, -1), /Two files are needed/],
		[[...batch.args, '--requests', 'all'], /--requests must be a whole number from 10, got 'all'/],
		[['missing.txt', batch.journal], /ENOENT.*missing.txt/],
	]) {
		const {code, stderr} = await run(t, 'llm-batch/batch.mjs', args);
		assert.match(stderr, message);
		assert.equal(code, 2);
	}
});
