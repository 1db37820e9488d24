// What Prometheus reads: the numbers of the limit, for each lane.

const COUNTS = [
	['active', 'gauge', 'Calls that run now.'],
	['pending', 'gauge', 'Calls that wait for a slot now.'],
	['settled', 'counter', 'Calls that have ended.'],
	['rejected', 'counter', 'Calls that have failed.'],
];

const TIMES = [
	['wait', 'From the call until it got its slot, in seconds.'],
	['run', 'From the slot until the end of the call, in seconds.'],
];

const LANES = ['online', 'offline'];

/** The text format of Prometheus. */
export const metricsOf = (name, stats) => {
	const lines = [];
	const metric = (suffix, type, help) => {
		const full = `${name}_${suffix}${type === 'counter' ? '_total' : ''}`;
		lines.push(`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`);
		return full;
	};

	lines.push(`${metric('slots', 'gauge', 'Calls that may run at once.')} ${stats.concurrency}`);
	lines.push(`${metric('reserve', 'gauge', 'Slots that the batch leaves to requests.')} ${stats.reserve.slots}`);
	for (const [key, type, help] of COUNTS) {
		const full = metric(key, type, help);
		lines.push(...LANES.map(lane => `${full}{lane="${lane}"} ${stats[lane][key]}`));
	}

	for (const [key, help] of TIMES) {
		const full = metric(`${key}_seconds`, 'summary', help);
		for (const lane of LANES) {
			const {count, p50, p90, p99} = stats[lane][key];
			for (const [quantile, milliseconds] of [
				[0.5, p50],
				[0.9, p90],
				[0.99, p99],
			]) {
				lines.push(`${full}{lane="${lane}",quantile="${quantile}"} ${milliseconds / 1000}`);
			}

			lines.push(`${full}_count{lane="${lane}"} ${count}`);
		}
	}

	return `${lines.join('\n')}\n`;
};
