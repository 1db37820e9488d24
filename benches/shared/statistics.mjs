// The few statistics that the figures need.

const ascending = (a, b) => a - b;

/** The value below which a share of the values lies, the nearest that occurs. */
export const quantile = (values, share) => {
	const sorted = values.toSorted(ascending);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
};

export const median = values => {
	const sorted = values.toSorted(ascending);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** The median of some values, and the least and the greatest of them. */
export const summarize = values => ({
	median: median(values),
	least: Math.min(...values),
	greatest: Math.max(...values),
});
