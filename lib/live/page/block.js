'use strict';

// What the page shows of one limit or pool. All names and labels are put in as text (`textContent`), never as HTML.

/** Up to so many slots are drawn one by one. */
const MOST_CELLS = 64;

/** Returns an element with a class, and with children or text. */
const element = (name, className, ...children) => {
	const created = document.createElement(name);
	created.className = className;
	created.append(...children); // strings become text
	return created;
};

/** The rows of the table: what they are called, and what they show of a lane. */
const ROWS = [
	['running', lane => format.count(lane.active)],
	['waiting', lane => format.count(lane.pending)],
	['started/s', lane => format.count(lane.started)],
	['failed/s', lane => format.count(lane.failed)],
	['wait p50', lane => durationOf(lane.wait, 'p50')],
	['wait p99', lane => durationOf(lane.wait, 'p99')],
	['run p50', lane => durationOf(lane.run, 'p50')],
	['run p99', lane => durationOf(lane.run, 'p99')],
];

/** Shows no figure for a time in which no call was measured. */
const durationOf = (quantiles, name) => (quantiles.count === 0 ? '–' : format.duration(quantiles[name]));

/**
 * The slots as cells: online calls from the left, offline ones from the right. The reserve is at the left, where no offline call gets.
 */
class Cells {
	element = element('div', 'cells');
	#shown = '';

	update({slots, online, offline, reserve}) {
		const kinds = this.#kindsOf(slots, online.active, offline.active, reserve?.slots ?? 0);
		if (kinds.join() === this.#shown) {
			return;
		}

		this.#shown = kinds.join();
		this.element.replaceChildren(...kinds.map(kind => element('i', kind)));
	}

	#kindsOf(slots, online, offline, reserve) {
		if (slots === null) {
			return [];
		}

		const scale = Math.min(1, MOST_CELLS / slots);
		const [cells, onlineCells, offlineCells, reserveCells] = [slots, online, offline, reserve].map(count =>
			Math.ceil(count * scale),
		);
		const kinds = Array.from({length: cells}, () => '');
		kinds.fill('reserve', 0, reserveCells);
		kinds.fill('offline', Math.max(0, cells - offlineCells));
		kinds.fill('online', 0, onlineCells);
		return kinds;
	}
}

const KINDS = {limit: 'limit', keyed: 'keyed limits', pool: 'pool'};

const createHeading = ({kind, name}) =>
	element('h2', '', element('span', 'name', name), element('span', 'kind', KINDS[kind]));

const waitOf = ({wait}) => (wait.count === 0 ? undefined : wait.p99);

/** Keyed limits: the keys with the most calls. */
class KeyedBlock {
	#facts = element('p', 'facts');
	#rows = element('tbody', '');

	constructor(sample) {
		const titles = [
			element('th', '', 'busiest keys'),
			element('th', 'number', 'running'),
			element('th', 'number', 'waiting'),
		];
		for (const title of titles) {
			title.scope = 'col';
		}

		const table = element('table', '', element('thead', '', element('tr', '', ...titles)), this.#rows);
		this.element = element('section', 'block', createHeading(sample), this.#facts, table);
	}

	update(sample) {
		this.#facts.textContent = format.facts(sample).join(' · ');
		this.#rows.replaceChildren(
			...sample.busiest.map(({key, active, pending}) =>
				element(
					'tr',
					'',
					element('td', 'name', key),
					element('td', 'number', format.count(active)),
					element('td', 'number', format.count(pending)),
				),
			),
		);
	}
}

/** A limit or a pool: its slots or threads, and both lanes. */
class LanesBlock {
	#points = [];
	#facts = element('p', 'facts');
	#cells = new Cells();
	/** By lane: the cells of its column of the table. */
	#columns = {online: [], offline: []};
	#charts;

	constructor(sample) {
		const isPool = sample.kind === 'pool';
		this.#charts = [
			[
				new Chart({title: isPool ? 'threads in use' : 'slots in use', shown: format.count, isStacked: true}),
				({online, offline, slots}) => ({online: online.active, offline: offline.active, bound: slots ?? undefined}),
			],
			[
				new Chart({title: isPool ? 'jobs that wait' : 'calls that wait', shown: format.count}),
				({online, offline}) => ({online: online.pending, offline: offline.pending}),
			],
			[
				new Chart({title: 'wait (p99)', shown: format.duration}),
				({online, offline}) => ({online: waitOf(online), offline: waitOf(offline)}),
			],
		];
		this.element = element(
			'section',
			'block',
			createHeading(sample),
			this.#facts,
			this.#cells.element,
			element(
				'div',
				'figures',
				this.#createTable(),
				element('div', 'charts', ...this.#charts.map(([chart]) => chart.element)),
			),
		);
	}

	update(sample, time) {
		this.#facts.textContent = format.facts(sample).join(' · ');
		this.#cells.update(sample);
		for (const [lane, cells] of Object.entries(this.#columns)) {
			ROWS.forEach(([, show], row) => {
				cells[row].textContent = show(sample[lane]);
			});
		}

		this.#points.push({time, sample});
		this.#points = this.#points.filter(point => point.time > time - CHART_SPAN);
		for (const [chart, read] of this.#charts) {
			chart.draw(this.#points.map(point => ({time: point.time, ...read(point.sample)})));
		}
	}

	#createTable() {
		const lanes = Object.keys(this.#columns);
		const heading = (className, scope, child) => Object.assign(element('th', className, child), {scope});
		const head = element('tr', '', element('td', ''));
		head.append(...lanes.map(lane => heading('number', 'col', element('span', `key ${lane}`, lane))));
		const table = element('table', '', head);
		for (const [title] of ROWS) {
			const cells = lanes.map(() => element('td', 'number'));
			lanes.forEach((lane, index) => {
				this.#columns[lane].push(cells[index]);
			});
			table.append(element('tr', '', heading('', 'row', title), ...cells));
		}

		return table;
	}
}

// biome-ignore lint/correctness/noUnusedVariables: page.js makes them
const createBlock = sample => (sample.kind === 'keyed' ? new KeyedBlock(sample) : new LanesBlock(sample));
