// Tells in which results two runs of a workload differ.

/** The characters of each text that a difference is shown with. */
const SHOWN = 160;

const firstDifference = (left, right) => {
	let at = 0;
	while (at < left.length && left[at] === right[at]) {
		at++;
	}

	const shown = text => JSON.stringify(text.slice(Math.max(0, at - 20), at + SHOWN));
	return `from character ${at} on:\n    p-limit ${shown(left)}\n    p-lanes ${shown(right)}`;
};

/** Returns a text for each result that is not the same in both runs. */
export const differences = (own, lanes) => {
	const found = [];
	for (const name of new Set([...own.keys(), ...lanes.keys()])) {
		const [left, right] = [own.get(name), lanes.get(name)];
		if (left === undefined || right === undefined) {
			found.push(`${name}: only with ${left === undefined ? 'p-lanes' : 'p-limit'}`);
		} else if (left !== right) {
			found.push(`${name}: differs ${firstDifference(left, right)}`);
		}
	}

	return found;
};
