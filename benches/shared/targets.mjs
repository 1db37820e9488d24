// Whether what p-lanes is to reach is reached.
//
// A target has a `title`, a bound (`atMost`, or `below`), a `unit`, and `measured`, which finds its
// summary in the figures.

const US = 'p-lanes';

/** The target that a metric of p-lanes, or of another `peer`, is `atMost` or `below` so much of a reference's. */
export const ratioTarget = (title, {peer = US, scenario, reference, metric = 'time', ...bound}) => ({
	title,
	...bound,
	unit: 'x',
	measured: figures => figures.ratio(scenario, peer, reference, metric),
});

/** The target that a metric of p-lanes is `atMost` so much of that of the best of some references. */
export const fastestTarget = (title, {scenario, references, metric = 'time', ...bound}) => ({
	title,
	...bound,
	unit: 'x',
	measured(figures) {
		const ratios = references.map(reference => figures.ratio(scenario, US, reference, metric));
		return ratios.includes(undefined) ? undefined : ratios.reduce((a, b) => (a.median > b.median ? a : b));
	},
});

/** The target that a metric of p-lanes, or of another `peer`, is itself `atMost` or `below` so much. */
export const valueTarget = (title, {peer = US, scenario, metric, ...bound}) => ({
	title,
	...bound,
	measured: figures => figures.value(scenario, peer, metric),
});

/** Each target with what was measured (nothing where it was not), and whether it is reached. */
export const judge = (targets, figures) =>
	targets.map(({title, atMost, below, unit, measured}) => {
		const value = measured(figures);
		const isReached = value && (below === undefined ? value.median <= atMost : value.median < below);
		return {title, atMost, below, unit, ...value, isReached};
	});
