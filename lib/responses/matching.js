'use strict';

// Which quota of a limit a server's reading is about.

/** What servers count, apart from requests. A quota with such a name is not one of requests. */
const UNITS = new Set(['tokens', 'input-tokens', 'output-tokens', 'content-bytes', 'concurrent-requests']);

/** `inputTokens`, `input_tokens` and `input-tokens` are one name. */
const normalized = name =>
	name
		.replaceAll(/([a-z])([A-Z])/g, '$1-$2')
		.replaceAll('_', '-')
		.toLowerCase();

const isCalled = (quota, name) => quota.name !== undefined && normalized(quota.name) === normalized(name);

/**
 * Returns the quota that a reading is about, or `undefined`. `quotas` are the limit's, as `{name, interval}`, without a name
 * if there is one alone. In this order:
 *
 * 1. the quota that the caller says (`names`, by the server's name); `null` there means none
 * 2. the quota with the server's name
 * 3. of requests: the only quota with the server's window; the others of that unit have a name of another unit
 * 4. the quota that has the name of the unit
 * 5. of requests: the rate of a limit that has no quota with a name
 */
const quotaOf = ({name, unit, window}, quotas, names) => {
	const said = [name, unit].find(key => key !== undefined && Object.hasOwn(names, key));
	if (said !== undefined) {
		return quotas.find(quota => quota.name === names[said]);
	}

	const byName = name === undefined ? undefined : quotas.find(quota => isCalled(quota, name));
	if (byName !== undefined) {
		return byName;
	}

	const byUnit = quotas.find(quota => isCalled(quota, unit));
	if (unit !== 'requests') {
		return byUnit;
	}

	const ofRequests = quotas.filter(quota => quota.name === undefined || !UNITS.has(normalized(quota.name)));
	const byWindow = ofRequests.filter(({interval}) => interval === window);
	if (byWindow.length === 1) {
		return byWindow[0];
	}

	return byUnit ?? quotas.find(quota => quota.name === undefined);
};

/** Whether the first reading leaves less than the second: less, or the same for longer. */
const isTighter = (a, b) =>
	(a.remaining ?? Number.POSITIVE_INFINITY) < (b.remaining ?? Number.POSITIVE_INFINITY) ||
	(a.remaining === b.remaining && (a.resetsIn ?? 0) > (b.resetsIn ?? 0));

/** Returns the reading for each quota that leaves the least, as `[quota, reading]`. */
const tightestOf = (readings, quotas, names) => {
	const tightest = new Map();
	for (const reading of readings) {
		const quota = quotaOf(reading, quotas, names);
		if (quota === undefined) {
			continue;
		}

		const other = tightest.get(quota);
		if (other === undefined || isTighter(reading, other)) {
			tightest.set(quota, reading);
		}
	}

	return [...tightest];
};

module.exports = {tightestOf, quotaOf};
