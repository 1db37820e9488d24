// Which samples are taken, and in which order.

/** The peers, another one first in each round. */
const inRound = (peers, round) => {
	const first = round % Math.max(peers.length, 1);
	return [...peers.slice(first), ...peers.slice(0, first)];
};

/** Round after round, every scenario that has one to go with every peer that can do it. */
export function* plan({scenarios, roundsOf, peersFor}) {
	const most = Math.max(...scenarios.map(scenario => roundsOf(scenario)));
	for (let round = 0; round < most; round++) {
		for (const scenario of scenarios.filter(name => round < roundsOf(name))) {
			for (const peer of inRound(peersFor(scenario), round)) {
				yield {scenario, peer, round};
			}
		}
	}
}
