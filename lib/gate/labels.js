'use strict';

// What work is called in statistics and in the errors of drains.

const labelOf = work => {
	const label = work?.label;
	return label === undefined || label === '' ? '(anonymous)' : label;
};

/** Returns `{label, count}` for each label of some work, the most frequent first. */
const countLabels = works => {
	const counts = new Map();
	for (const work of works) {
		const label = labelOf(work);
		counts.set(label, (counts.get(label) ?? 0) + 1);
	}

	return [...counts].map(([label, count]) => ({label, count})).sort((a, b) => b.count - a.count);
};

module.exports = {countLabels, labelOf};
