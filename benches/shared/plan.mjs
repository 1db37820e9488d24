// Which samples are taken, and in which order.

/** Names, another one first in each round. */
export const inTurn = (names, round) => {
	const first = round % Math.max(names.length, 1);
	return [...names.slice(first), ...names.slice(0, first)];
};

/** Round after round, every scenario that has one to go with every peer that can do it. */
export function* plan({scenarios, roundsOf, peersFor}) {
	const most = Math.max(...scenarios.map(scenario => roundsOf(scenario)));
	for (let round = 0; round < most; round++) {
		for (const scenario of scenarios.filter(name => round < roundsOf(name))) {
			for (const peer of inTurn(peersFor(scenario), round)) {
				yield {scenario, peer, round};
			}
		}
	}
}
