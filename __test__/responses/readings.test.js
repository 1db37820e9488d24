'use strict';

// What servers say of their quotas. The headers are those of real servers, of their documentation, or of the drafts.

const assert = require('node:assert/strict');
const {describe, test} = require('node:test');
const {readFields} = require('../../lib/responses/fields.js');
const {readReadings} = require('../../lib/responses/readings.js');

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** What is read, without what is missing. */
const readingsOf = headers =>
	readReadings(readFields({headers}).fields).map(reading =>
		Object.fromEntries(Object.entries(reading).filter(([, value]) => value !== undefined)),
	);

/** The time stands still, at a full second. */
const NOW = Date.parse('2026-05-23T10:00:00Z');
Date.now = () => NOW;

const inSeconds = seconds => new Date(NOW + seconds * 1000);

const assertResets = ({resetsIn}, expected) => {
	assert.equal(resetsIn, expected);
};

describe('the draft of the IETF', () => {
	for (const [name, headers, expected] of [
		[
			'one policy',
			{RateLimit: '"default";r=50;t=30'},
			[{name: 'default', unit: 'requests', remaining: 50, resetsIn: 30_000}],
		],
		[
			'with its policy',
			{'RateLimit-Policy': '"basic";q=100;w=60', RateLimit: '"basic";r=60;t=58'},
			[{name: 'basic', unit: 'requests', window: MINUTE, limit: 100, remaining: 60, resetsIn: 58_000}],
		],
		[
			'several policies, and the one that is nearest to its end',
			{'RateLimit-Policy': '"hour";q=1000;w=3600, "day";q=5000;w=86400', RateLimit: '"day";r=100;t=36000'},
			[
				{name: 'day', unit: 'requests', window: DAY, limit: 5000, remaining: 100, resetsIn: 36_000_000},
				{name: 'hour', unit: 'requests', window: HOUR, limit: 1000},
			],
		],
		[
			'several of both',
			{
				'RateLimit-Policy': '"permin";q=50;w=60,"perhr";q=1000;w=3600',
				RateLimit: '"permin";r=7;t=12,"perhr";r=900;t=1800',
			},
			[
				{name: 'permin', unit: 'requests', window: MINUTE, limit: 50, remaining: 7, resetsIn: 12_000},
				{name: 'perhr', unit: 'requests', window: HOUR, limit: 1000, remaining: 900, resetsIn: 1_800_000},
			],
		],
		[
			'fields that are split over lines',
			[
				['RateLimit-Policy', '"sliding";q=100;w=60;burst=1000'],
				['RateLimit-Policy', '"fixed";q=5000;w=3600;burst=0'],
				['RateLimit', '"sliding";r=50;t=44'],
			],
			[
				{name: 'sliding', unit: 'requests', window: MINUTE, limit: 100, remaining: 50, resetsIn: 44_000},
				{name: 'fixed', unit: 'requests', window: HOUR, limit: 5000},
			],
		],
		[
			'a unit and a partition key',
			{
				'RateLimit-Policy': '"peruser";q=65535;qu="content-bytes";w=10;pk=:sdfjLJUOUH==:',
				RateLimit: '"peruser";r=300;t=6;pk=:sdfjLJUOUH==:',
			},
			[{name: 'peruser', unit: 'content-bytes', window: 10_000, limit: 65_535, remaining: 300, resetsIn: 6000}],
		],
		[
			'no reset',
			{RateLimit: '"default";r=999;pk=:dHJpYWwxMjEzMjM=:'},
			[{name: 'default', unit: 'requests', remaining: 999}],
		],
		[
			'no remaining, and names without quotation marks',
			{'RateLimit-Policy': 'quota;q=100;w=1', RateLimit: 'quota;t=1'},
			[{name: 'quota', unit: 'requests', window: 1000, limit: 100, resetsIn: 1000}],
		],
		[
			'draft 8 of express-rate-limit',
			{
				'ratelimit-policy': '"100-in-15min"; q=100; w=900; pk=:NGVkMmMwOGIxMzM3:',
				ratelimit: '"100-in-15min"; r=99; t=900',
			},
			[{name: '100-in-15min', unit: 'requests', window: 900_000, limit: 100, remaining: 99, resetsIn: 900_000}],
		],
		[
			'draft 7 of express-rate-limit',
			{'ratelimit-policy': '100;w=60', ratelimit: 'limit=100, remaining=50, reset=30'},
			[{unit: 'requests', window: MINUTE, limit: 100, remaining: 50, resetsIn: 30_000}],
		],
		[
			'a comma, a semicolon, an escape and an equals sign in a name',
			{RateLimit: '"a,b;c=\\"d\\"";r=5;t=1'},
			[{name: 'a,b;c="d"', unit: 'requests', remaining: 5, resetsIn: 1000}],
		],
	]) {
		test(name, () => {
			assert.deepEqual(readingsOf(headers), expected);
		});
	}
});

describe('the three older fields', () => {
	for (const [name, headers, expected] of [
		[
			'alone',
			{'RateLimit-Limit': '100', 'RateLimit-Remaining': '50', 'RateLimit-Reset': '50'},
			[{unit: 'requests', limit: 100, remaining: 50, resetsIn: 50_000}],
		],
		[
			'with a policy',
			{
				'ratelimit-policy': '10;w=1, 50;w=60',
				'ratelimit-limit': '10',
				'ratelimit-remaining': '9',
				'ratelimit-reset': '1',
			},
			[{unit: 'requests', window: 1000, limit: 10, remaining: 9, resetsIn: 1000}],
		],
		[
			'with policies behind the limit',
			{'ratelimit-limit': '10, 10;w=1;burst=1000, 1000;w=3600', 'ratelimit-remaining': '9', 'ratelimit-reset': '1'},
			[{unit: 'requests', window: 1000, limit: 10, remaining: 9, resetsIn: 1000}],
		],
		[
			'with X-, in seconds',
			{'X-RateLimit-Limit': '60', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '17'},
			[{unit: 'requests', limit: 60, remaining: 0, resetsIn: 17_000}],
		],
		[
			'of Reddit, with fractions',
			{'x-ratelimit-used': '1', 'x-ratelimit-remaining': '599.0', 'x-ratelimit-reset': '480'},
			[{unit: 'requests', remaining: 599, resetsIn: 480_000}],
		],
		[
			'of Discord, which says the same twice',
			{
				'X-RateLimit-Limit': '5',
				'X-RateLimit-Remaining': '0',
				'X-RateLimit-Reset': '1470173023.123',
				'X-RateLimit-Reset-After': '1.25',
				'X-RateLimit-Bucket': 'abcd1234',
			},
			[{unit: 'requests', limit: 5, remaining: 0, resetsIn: 1250}],
		],
		[
			'of Kong, with the window in the names',
			{
				'X-RateLimit-Limit-Minute': '5',
				'X-RateLimit-Remaining-Minute': '4',
				'X-RateLimit-Limit-Hour': '500',
				'X-RateLimit-Remaining-Hour': '3',
			},
			[
				{name: 'minute', unit: 'requests', window: MINUTE, limit: 5, remaining: 4},
				{name: 'hour', unit: 'requests', window: HOUR, limit: 500, remaining: 3},
			],
		],
	]) {
		test(name, () => {
			assert.deepEqual(readingsOf(headers), expected);
		});
	}

	for (const [name, reset] of [
		['a moment in seconds, as at GitHub', String(inSeconds(600) / 1000)],
		['a moment in milliseconds', String(inSeconds(600).getTime())],
		['a date of HTTP', inSeconds(600).toUTCString()],
		['a date of RFC 3339', inSeconds(600).toISOString()],
		[
			'a date of RFC 3339 in another zone',
			inSeconds(600 + 7200)
				.toISOString()
				.replace('Z', '+02:00'),
		],
		['a date of Date.prototype.toString', inSeconds(600).toString()],
	]) {
		test(`with ${name}`, () => {
			const [reading] = readingsOf({
				'x-ratelimit-limit': '5000',
				'x-ratelimit-remaining': '4987',
				'x-ratelimit-reset': reset,
				'x-ratelimit-used': '13',
				'x-ratelimit-resource': 'core',
			});
			assertResets(reading, 600_000);
			assert.deepEqual(
				{...reading, resetsIn: 0},
				{name: 'core', unit: 'requests', limit: 5000, remaining: 4987, resetsIn: 0},
			);
		});
	}

	test('of Twitter', () => {
		const [reading] = readingsOf({
			'x-rate-limit-limit': '15',
			'x-rate-limit-remaining': '3',
			'x-rate-limit-reset': String(inSeconds(100) / 1000),
		});
		assertResets(reading, 100_000);
		assert.equal(reading.remaining, 3);
	});
});

describe('several quotas', () => {
	for (const [name, headers, expected] of [
		[
			'of OpenAI',
			{
				'x-ratelimit-limit-requests': '60',
				'x-ratelimit-limit-tokens': '150000',
				'x-ratelimit-remaining-requests': '59',
				'x-ratelimit-remaining-tokens': '149984',
				'x-ratelimit-reset-requests': '1s',
				'x-ratelimit-reset-tokens': '6m0s',
			},
			[
				{name: 'requests', unit: 'requests', limit: 60, remaining: 59, resetsIn: 1000},
				{name: 'tokens', unit: 'tokens', limit: 150_000, remaining: 149_984, resetsIn: 360_000},
			],
		],
		[
			'of Groq',
			{
				'retry-after': '2',
				'x-ratelimit-limit-requests': '14400',
				'x-ratelimit-limit-tokens': '18000',
				'x-ratelimit-remaining-requests': '14370',
				'x-ratelimit-remaining-tokens': '17997',
				'x-ratelimit-reset-requests': '2m59.56s',
				'x-ratelimit-reset-tokens': '7.66s',
			},
			[
				{name: 'requests', unit: 'requests', limit: 14_400, remaining: 14_370, resetsIn: 179_560},
				{name: 'tokens', unit: 'tokens', limit: 18_000, remaining: 17_997, resetsIn: 7660},
			],
		],
		[
			'of Azure, which does not know one of them',
			{
				'x-ratelimit-limit-tokens': '-1',
				'x-ratelimit-remaining-tokens': '-1',
				'x-ratelimit-reset-tokens': '0',
				'x-ratelimit-limit-requests': '250',
				'x-ratelimit-remaining-requests': '249',
				'x-ratelimit-reset-requests': '0',
			},
			[{name: 'requests', unit: 'requests', limit: 250, remaining: 249, resetsIn: 0}],
		],
		[
			'of Cerebras',
			{
				'x-ratelimit-limit-requests-day': '1000000000',
				'x-ratelimit-limit-tokens-minute': '1000000000',
				'x-ratelimit-remaining-requests-day': '999997455',
				'x-ratelimit-remaining-tokens-minute': '999998298',
				'x-ratelimit-reset-requests-day': '33011.382867097855',
				'x-ratelimit-reset-tokens-minute': '11.382867097854614',
			},
			[
				{
					name: 'requests-day',
					unit: 'requests',
					window: DAY,
					limit: 1_000_000_000,
					remaining: 999_997_455,
					resetsIn: 33_011_382.867097855,
				},
				{
					name: 'tokens-minute',
					unit: 'tokens',
					window: MINUTE,
					limit: 1_000_000_000,
					remaining: 999_998_298,
					resetsIn: 11_382.867097854614,
				},
			],
		],
		[
			'of Mistral',
			{
				'x-ratelimit-limit-req-minute': '60',
				'x-ratelimit-remaining-req-minute': '58',
				'x-ratelimit-limit-tokens-minute': '500000',
				'x-ratelimit-remaining-tokens-minute': '499000',
			},
			[
				{name: 'req-minute', unit: 'requests', window: MINUTE, limit: 60, remaining: 58},
				{name: 'tokens-minute', unit: 'tokens', window: MINUTE, limit: 500_000, remaining: 499_000},
			],
		],
	]) {
		test(name, () => {
			assert.deepEqual(readingsOf(headers), expected);
		});
	}

	test('of Anthropic', () => {
		const reset = inSeconds(42)
			.toISOString()
			.replace(/\.\d+Z/, 'Z');
		const headers = {};
		for (const [kind, limit, remaining] of [
			['requests', 50, 49],
			['tokens', 48_000, 46_000],
			['input-tokens', 40_000, 39_000],
			['output-tokens', 8000, 7000],
		]) {
			headers[`anthropic-ratelimit-${kind}-limit`] = String(limit);
			headers[`anthropic-ratelimit-${kind}-remaining`] = String(remaining);
			headers[`anthropic-ratelimit-${kind}-reset`] = reset;
		}

		const readings = readingsOf(headers);
		assert.deepEqual(
			readings.map(({unit, limit, remaining}) => [unit, limit, remaining]),
			[
				['requests', 50, 49],
				['tokens', 48_000, 46_000],
				['input-tokens', 40_000, 39_000],
				['output-tokens', 8000, 7000],
			],
		);
		for (const reading of readings) {
			assertResets(reading, 42_000);
		}
	});

	for (const [text, millis] of [
		['6m0s', 360_000],
		['120ms', 120],
		['1h2m3.5s', 3_723_500],
		['12ms', 12],
		['1d2h', 93_600_000],
		['1.5s', 1500],
		['250µs', 0.25],
		['0s', 0],
		['59', 59_000],
		['0.5', 500],
	]) {
		test(`a duration of ${text}`, () => {
			assert.equal(
				readingsOf({'x-ratelimit-remaining-tokens': '1', 'x-ratelimit-reset-tokens': text})[0].resetsIn,
				millis,
			);
		});
	}
});

describe('what is broken', () => {
	for (const text of [
		'',
		'soon',
		'-5',
		'1e9',
		'5 minutes',
		'6m0',
		'm',
		's5',
		'0x10',
		'NaN',
		'Infinity',
		'2026-13-45T99:99:99Z',
		'Mon, nonsense',
		'1'.repeat(30),
		'[object Object]',
	]) {
		test(`a reset of ${JSON.stringify(text)} is left out`, () => {
			assert.deepEqual(readingsOf({'x-ratelimit-remaining': '3', 'x-ratelimit-reset': text}), [
				{unit: 'requests', remaining: 3},
			]);
		});

		test(`a remaining of ${JSON.stringify(text)} is left out`, () => {
			assert.deepEqual(readingsOf({'x-ratelimit-limit': '9', 'x-ratelimit-remaining': text}), [
				{unit: 'requests', limit: 9},
			]);
		});
	}

	for (const text of [
		'"',
		'"a',
		';r=5',
		'"a";r',
		'"a";r=',
		'"a";r=-5',
		',,,',
		'=',
		'a=b=c',
		'"a"b;r=5',
		'\u0000',
		'{"r":5}',
	]) {
		test(`a field RateLimit of ${JSON.stringify(text)} says nothing`, () => {
			assert.deepEqual(readingsOf([['RateLimit', text]]), []);
		});
	}

	for (const name of ['constructor', '__proto__']) {
		test(`a window with the name ${name} is none`, () => {
			assert.deepEqual(readingsOf({[`x-ratelimit-remaining-tokens-${name}`]: '5'}), [
				{name: `tokens-${name}`, unit: `tokens-${name}`, remaining: 5},
			]);
		});
	}

	test('a member that can not be read does not spoil the others', () => {
		assert.deepEqual(readingsOf({RateLimit: '"a"b;r=1;t=1, "good";r=5;t=2'}), [
			{name: 'good', unit: 'requests', remaining: 5, resetsIn: 2000},
		]);
	});

	test('a moment that is past is now', () => {
		assert.equal(readingsOf({'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1470173023'})[0].resetsIn, 0);
		assert.equal(
			readingsOf({'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2019-08-05T09:27:00Z'})[0].resetsIn,
			0,
		);
	});

	test('a value of any length takes no time, and is passed over', () => {
		for (const long of ['"'.repeat(1e6), '1m'.repeat(1e6), ' '.repeat(1e6), '\\"'.repeat(1e6), 'a=,;'.repeat(1e5)]) {
			assert.deepEqual(readingsOf({ratelimit: long, 'x-ratelimit-reset': long}), []);
		}

		const just = {
			ratelimit: '";,=\\'.repeat(800),
			'x-ratelimit-remaining': '5',
			'x-ratelimit-reset': '1m'.repeat(2000),
		};
		assert.equal(readingsOf(just).at(-1).remaining, 5);
	});

	test('there are no more than 32', () => {
		const headers = Object.fromEntries(
			Array.from({length: 100}, (_, index) => [`x-ratelimit-remaining-kind${index}`, '5']),
		);
		assert.equal(readingsOf(headers).length, 32);
	});
});

describe('clocks that are apart', () => {
	const remote = seconds => inSeconds(86_400 + seconds);

	test('a moment counts from the date of the answer', () => {
		const headers = {
			date: remote(0).toUTCString(),
			'x-ratelimit-remaining': '0',
			'x-ratelimit-reset': remote(30).toISOString(),
		};
		assertResets(readingsOf(headers)[0], 30_000);
	});

	test('but not if the answer comes out of a cache', () => {
		const headers = {
			age: '100',
			date: remote(0).toUTCString(),
			'x-ratelimit-remaining': '0',
			'x-ratelimit-reset': remote(30).toISOString(),
		};
		assertResets(readingsOf(headers)[0], DAY + 30_000);
	});

	test('and not if they are close: a date has no milliseconds', () => {
		const headers = {
			date: inSeconds(-2).toUTCString(),
			'x-ratelimit-remaining': '0',
			'x-ratelimit-reset': inSeconds(30).toISOString(),
		};
		assertResets(readingsOf(headers)[0], 30_000);
	});
});
