// What p-lanes is to reach, and whether it has.

const US = 'p-lanes';

const ratio = (title, scenario, atMost, metric = 'time') => ({
	title,
	atMost,
	unit: 'x',
	measured: figures => figures.ratio(scenario, US, 'p-limit', metric),
});

const targets = [
	ratio('burst of 100,000 ÷ p-limit', 'burst-100k', 0.4),
	ratio('burst of 1,000 ÷ p-limit', 'burst-1k', 0.55),
	ratio('uncontended sequential ÷ p-limit', 'sequential', 0.6),
	ratio('map of 100,000 ÷ p-limit', 'map-100k', 0.05),
	ratio('map of 1,000 ÷ p-limit', 'map-1k', 0.2),
	ratio('heap per queued call ÷ p-limit', 'heap', 0.6, 'heap'),
	{
		title: 'call in 1,000,000 ÷ call in 10,000',
		atMost: 1.5,
		unit: 'x',
		measured: figures => figures.value('growth', US, 'growth'),
	},
	{
		title: 'online wait p99, offline backlog',
		below: 12,
		unit: 'ms',
		measured: figures => figures.value('lanes', US, 'p99'),
	},
	{
		title: 'that backlog ÷ p-limit alone',
		atMost: (8 / 7) * 1.1,
		unit: 'x',
		measured: figures => figures.ratio('lanes', US, 'p-limit-alone', 'batch'),
	},
];

/** Each target with what was measured (nothing where it was not), and whether it is reached. */
export const judge = figures =>
	targets.map(({title, atMost, below, unit, measured}) => {
		const value = measured(figures);
		const isReached = value && (below === undefined ? value.median <= atMost : value.median < below);
		return {title, atMost, below, unit, ...value, isReached};
	});
