'use strict';

// What servers say of their quotas: a reading for each quota that the fields of a response name.
//
// - draft-ietf-httpapi-ratelimit-headers: `RateLimit` and `RateLimit-Policy`, in the forms of its drafts 3 to 10
// - its older three fields, and those that others had before: `RateLimit-Limit`, `X-RateLimit-Limit`, `X-Rate-Limit-Limit`
// - several of these, told apart by what follows: `x-ratelimit-limit-tokens`, `x-ratelimit-limit-requests-day`
// - several, told apart by what is within: `anthropic-ratelimit-input-tokens-limit`

const {readList} = require('./lists.js');
const {WINDOWS, nowOf, readReset} = require('./times.js');

/** No server has so many quotas. The others are passed over. */
const MAX_READINGS = 32;

/** Reads a number of units: a whole number from 0. A fraction is rounded down; -1 stands for "unknown" at some servers. */
const readCount = value => {
	const isNumber = typeof value === 'number' || (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value));
	const count = isNumber ? Math.floor(Number(value)) : -1;
	return count >= 0 && count <= Number.MAX_SAFE_INTEGER ? count : undefined;
};

const isSeconds = value => typeof value === 'number' && value >= 0;

const millisOf = seconds => (isSeconds(seconds) ? seconds * 1000 : undefined);

/** An empty string is no name. */
const nameOf = item => (typeof item === 'string' && item !== '' ? item : undefined);

const isUseful = ({limit, remaining}) => limit !== undefined || remaining !== undefined;

/** Reads `RateLimit-Policy`: `"burst";q=100;w=60`, or `100;w=60` in older drafts. */
const readPolicies = text =>
	readList(text).map(({item, parameters: {q, w, qu}}) => ({
		name: nameOf(item),
		unit: typeof qu === 'string' ? qu : 'requests',
		limit: readCount(typeof item === 'number' ? item : q),
		window: w > 0 ? millisOf(w) : undefined,
	}));

/** The policy that a limit without a name is of. */
const policyOf = (policies, limit) => policies.find(policy => policy.limit === limit);

/** Reads `RateLimit: limit=100, remaining=50, reset=30`, as in drafts 6 and 7. */
const readDictionary = (members, policies) => {
	const values = Object.fromEntries(members.map(({item, value}) => [item, value]));
	const limit = readCount(values.limit);
	return {
		unit: 'requests',
		window: policyOf(policies, limit)?.window,
		limit,
		remaining: readCount(values.remaining),
		resetsIn: millisOf(values.reset),
	};
};

/** Reads `RateLimit: "burst";r=50;t=30`. The partition key is not needed: it is that of our requests. */
const readServiceLimits = (members, policies) => {
	const readings = members.map(({item, parameters: {r, t}}) => {
		const name = nameOf(item);
		const policy = policies.find(one => one.name === name);
		return {unit: 'requests', ...policy, name, remaining: readCount(r), resetsIn: millisOf(t)};
	});
	const isRead = name => readings.some(reading => reading.name === name);
	return [...readings, ...policies.filter(({name}) => name !== undefined && !isRead(name))];
};

/** Reads the two fields of the IETF's draft. */
const readDraft = fields => {
	const policies = readPolicies(fields.get('ratelimit-policy') ?? '');
	const members = readList(fields.get('ratelimit') ?? '');
	const isDictionary = members.some(({value}) => value !== undefined);
	return isDictionary ? [readDictionary(members, policies)] : readServiceLimits(members, policies);
};

/** Splits `requests-day` into its unit and its window. */
const readKind = kind => {
	const words = kind.split('-');
	const last = words.at(-1);
	const window = Object.hasOwn(WINDOWS, last) ? WINDOWS[last] : undefined; // a server may write `constructor`
	if (window !== undefined) {
		words.pop();
	}

	const unit = words.join('-');
	return {unit: unit === '' || unit === 'req' ? 'requests' : unit, window};
};

const PART_FIRST = /^(?:x-)?rate-?limit-(limit|remaining|reset-after|reset)(?:-(.+))?$/;
const PART_LAST = /^(?:[a-z]+-)?ratelimit-(.+)-(limit|remaining|reset)$/;

/** Returns which part of which quota a field is, such as `{family: 'x-ratelimit', kind: 'tokens', part: 'limit'}`. */
const placeOf = name => {
	const first = PART_FIRST.exec(name);
	if (first !== null) {
		const [, part, kind = ''] = first;
		return {family: name.slice(0, name.indexOf('limit-')), kind, part};
	}

	const last = PART_LAST.exec(name);
	return last === null ? undefined : {family: name.slice(0, name.indexOf('ratelimit')), kind: last[1], part: last[2]};
};

/** Returns the fields that tell the parts of a quota apart, by quota. */
const groupParts = fields => {
	const groups = new Map();
	for (const [name, text] of fields) {
		const place = placeOf(name);
		if (place !== undefined) {
			const key = `${place.family} ${place.kind}`;
			const group = groups.get(key) ?? {family: place.family, kind: place.kind, parts: {}};
			group.parts[place.part] = text;
			groups.set(key, group);
		}
	}

	return groups.values();
};

/** Reads `100`, or `10, 10;w=1, 50;w=60`: what is nearest to be reached, and then the policies. */
const readLimit = text => {
	const [first, ...policies] = readPolicies(text);
	return {limit: first?.limit, window: first?.window ?? policyOf(policies, first?.limit)?.window};
};

const readGroup = ({family, kind, parts}, fields, now) => {
	const {limit, window} = readLimit(parts.limit ?? '');
	const {unit, window: inName} = readKind(kind);
	const isOfDraft = family === 'rate' && kind === '';
	const policies = isOfDraft ? readPolicies(fields.get('ratelimit-policy') ?? '') : [];
	const reset = parts['reset-after'] ?? parts.reset;
	return {
		name: kind === '' ? fields.get('x-ratelimit-resource') : kind, // GitHub's `core`, `search`
		unit,
		window: inName ?? window ?? policyOf(policies, limit)?.window,
		limit,
		remaining: readCount(parts.remaining),
		resetsIn: reset === undefined ? undefined : readReset(reset, now),
	};
};

/**
 * Reads what the fields of a response say, as `{name, unit, window, limit, remaining, resetsIn}`. Times are in
 * milliseconds. `name` is the server's, and `unit` what it counts, such as `requests`. All but `unit` may be missing.
 */
const readReadings = fields => {
	const now = nowOf(fields);
	const readings = readDraft(fields);
	for (const group of groupParts(fields)) {
		readings.push(readGroup(group, fields, now));
	}

	return readings.filter(isUseful).slice(0, MAX_READINGS);
};

module.exports = {readReadings};
