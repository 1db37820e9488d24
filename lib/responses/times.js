'use strict';

// When a quota is there again, as servers write it: from now, or as a moment.

const {date: timeOfDay} = require('../common/time.js');

/** A number up to here is seconds from now. It would be a moment of the year 2001. */
const MAX_SECONDS = 1e9;

/** A moment in seconds up to here, in milliseconds from here to a thousand times that. */
const MAX_EPOCH_SECONDS = 1e12;

const MILLIS = {d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 0.001, µs: 0.001, ns: 0.000001};

/** Units of time in the names of fields, in milliseconds. */
const WINDOWS = {
	second: 1000,
	minute: 60_000,
	hour: 3_600_000,
	day: 86_400_000,
	week: 7 * 86_400_000,
	month: 30 * 86_400_000,
};

/** Reads a duration as Go writes it, such as `6m0s` or `1h2m3.5s`, in milliseconds. */
const readDuration = text => {
	if (!/^(?:\d+(?:\.\d+)?(?:d|h|ms|m|s|us|µs|ns))+$/.test(text)) {
		return undefined;
	}

	let millis = 0;
	for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(d|h|ms|m|s|us|µs|ns)/g)) {
		millis += Number(amount) * MILLIS[unit];
	}

	return millis;
};

/** Reads a date of RFC 3339 or of HTTP, in milliseconds since the epoch. */
const readDate = text => {
	const isRfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d/.test(text);
	if (!isRfc3339 && !/^[A-Za-z]{3,9}[, ]/.test(text)) {
		return undefined;
	}

	const hasZone = /(z|gmt|utc|[+-]\d\d:?\d\d)( \(.*\))?$/i.test(text);
	const date = Date.parse(hasZone ? text : `${text}${isRfc3339 ? 'Z' : ' GMT'}`);
	return Number.isNaN(date) ? undefined : date;
};

/** Reads when a quota is there again, in milliseconds from now. A moment that is past is 0. */
const readReset = (text, now) => {
	if (/^\d+(\.\d+)?$/.test(text)) {
		const number = Number(text);
		if (number < MAX_SECONDS) {
			return number * 1000;
		}

		const moment = number < MAX_EPOCH_SECONDS ? number * 1000 : number;
		return moment < MAX_EPOCH_SECONDS * 1000 ? Math.max(0, moment - now) : undefined;
	}

	const duration = readDuration(text);
	if (duration !== undefined) {
		return duration;
	}

	const date = readDate(text);
	return date === undefined ? undefined : Math.max(0, date - now);
};

/** So far may the clocks of the server and of this machine be apart, in milliseconds: networks take time. */
const MAX_SKEW = 5000;

/** Returns the time to measure a server's moments from. It is the server's if the clocks are far apart. */
const nowOf = fields => {
	const now = timeOfDay();
	const date = fields.has('age') || !fields.has('date') ? undefined : readDate(fields.get('date'));
	return date !== undefined && Math.abs(date - now) > MAX_SKEW ? date : now;
};

module.exports = {WINDOWS, nowOf, readReset};
