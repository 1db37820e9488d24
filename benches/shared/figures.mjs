// The samples of a run, as figures.
//
// A ratio is the median of the ratios within each round, because the samples of one round were taken
// close together: a machine that slows down for a minute moves a time, but hardly a ratio.

import {summarize} from './statistics.mjs';

export class Figures {
	#values = new Map();

	constructor(samples) {
		for (const {scenario, peer, round, metrics} of samples) {
			for (const [metric, value] of Object.entries(metrics)) {
				this.#of(scenario, peer, metric)[round] = value;
			}
		}
	}

	#of(...names) {
		const key = names.join('/');
		if (!this.#values.has(key)) {
			this.#values.set(key, []);
		}

		return this.#values.get(key);
	}

	/** The summary of a metric over the rounds; nothing where it was not measured. */
	value(scenario, peer, metric) {
		const values = this.#of(scenario, peer, metric).filter(value => value !== undefined);
		return values.length === 0 ? undefined : summarize(values);
	}

	/** The summary of a peer's metric over another's, within each round. */
	ratio(scenario, peer, reference, metric) {
		const references = this.#of(scenario, reference, metric);
		const ratios = this.#of(scenario, peer, metric)
			.map((value, round) => value / references[round])
			.filter(ratio => Number.isFinite(ratio));
		return ratios.length === 0 ? undefined : summarize(ratios);
	}
}
