'use strict';

// The headers of a response, as the HTTP clients of JavaScript give them.

const assert = require('node:assert/strict');
const http = require('node:http');
const {describe, test} = require('node:test');
const {readFields} = require('../../lib/responses/fields.js');

const given = {'X-RateLimit-Remaining': '5', 'Retry-After': '7', 'Content-Type': 'text/plain'};
const expected = {'x-ratelimit-remaining': '5', 'retry-after': '7'};

const fieldsOf = response => Object.fromEntries(readFields(response).fields);

describe('the fields of a response', () => {
	for (const [name, headers] of [
		['a fetch Headers', new Headers(given)],
		['an object', given],
		['an object without a prototype', Object.assign(Object.create(null), given)],
		['a Map', new Map(Object.entries(given))],
		['pairs', Object.entries(given)],
		['rawHeaders of node:http', Object.entries(given).flat()],
		[
			'rawHeaders of buffers',
			Object.entries(given)
				.flat()
				.map(text => Buffer.from(text)),
		],
		[
			'a generator of pairs',
			(function* pairs() {
				yield* Object.entries(given);
			})(),
		],
		['an object with only `get`, as a mock may be', {get: name => new Headers(given).get(name)}],
	]) {
		test(`of ${name}`, () => {
			assert.deepEqual(fieldsOf({headers}), expected);
		});
	}

	test('of a fetch Response, and of its headers alone', () => {
		const response = new Response('', {status: 429, headers: given});
		assert.deepEqual(fieldsOf(response), expected);
		assert.equal(readFields(response).status, 429);
		assert.deepEqual(fieldsOf(response.headers), expected);
		assert.equal(readFields(response.headers).status, undefined);
	});

	test('of an error that has a response, as those of axios and got', () => {
		const error = Object.assign(new Error('429'), {response: {statusCode: 429, headers: given}});
		assert.deepEqual(fieldsOf(error), expected);
		assert.equal(readFields(error).status, 429);
	});

	test('of node:http', async () => {
		const server = http.createServer((_, response) => {
			response.writeHead(503, {...given, RateLimit: ['"a";r=1;t=1', '"b";r=2;t=2']}).end();
		});
		await new Promise(resolve => {
			server.listen(0, '127.0.0.1', resolve);
		});
		const response = await new Promise(resolve => {
			http.get({port: server.address().port, agent: false}, resolve);
		});
		response.resume();
		server.close();
		const {date, ...fields} = fieldsOf(response);
		assert.deepEqual(fields, {...expected, ratelimit: '"a";r=1;t=1, "b";r=2;t=2'});
		assert.ok(date.endsWith('GMT'));
		assert.equal(readFields(response).status, 503);
	});

	test('values that are no strings', () => {
		const headers = {
			'x-ratelimit-remaining': 5,
			ratelimit: ['"a";r=1', '"b";r=2'],
			'retry-after': undefined,
			'x-ratelimit-limit': null,
		};
		assert.deepEqual(fieldsOf({headers}), {'x-ratelimit-remaining': '5', ratelimit: '"a";r=1, "b";r=2'});
	});

	for (const wrong of [undefined, null, 5, 'headers', {}, {headers: undefined}, {headers: 'x'}, [], () => {}]) {
		test(`${String(wrong)} is refused`, () => {
			assert.throws(() => readFields(wrong), {
				code: 'ERR_INVALID_ARG',
				message: /^`response` must be a response, an object with `headers`, or a `Headers`, got /,
			});
		});
	}
});
