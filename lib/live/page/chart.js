'use strict';

// A small chart of the last minutes, as SVG: one line for each lane, or both as areas on top of each other.

/** How far back the charts go at most, in milliseconds. They begin with a minute. */
// biome-ignore lint/correctness/noUnusedVariables: block.js keeps so much
const CHART_SPAN = 5 * 60_000;
const MINUTE = 60_000;

/** The drawing is stretched to the width that there is. */
const CHART_WIDTH = 300;
const CHART_HEIGHT = 60;

const svgElement = (name, attributes) => {
	const element = document.createElementNS('http://www.w3.org/2000/svg', name);
	for (const [attribute, value] of Object.entries(attributes)) {
		element.setAttribute(attribute, value);
	}

	return element;
};

/** Returns the lowest of 1, 2, 5, 10, 20 and so on that is not below a number. */
const roundUp = number => {
	if (number <= 1) {
		return 1;
	}

	const magnitude = 10 ** Math.floor(Math.log10(number));
	return [1, 2, 5, 10].map(step => step * magnitude).find(step => step >= number);
};

/** Returns the runs of values that follow each other without a gap. A value that is missing is a gap. */
const runsOf = values => {
	const runs = [];
	let run;
	for (const point of values) {
		if (point.value === undefined) {
			run = undefined;
		} else {
			if (run === undefined) {
				run = [];
				runs.push(run);
			}

			run.push(point);
		}
	}

	return runs;
};

/** Puts the offline lane on top of the online one. */
const stack = point => ({...point, offline: point.online + point.offline, floor: {offline: point.online}});

// biome-ignore lint/correctness/noUnusedVariables: block.js makes them
class Chart {
	#shown;
	#isStacked;
	#top = document.createElement('span');
	#begin = document.createElement('span');
	#lines = {};
	#areas = {};
	#bound = svgElement('path', {class: 'bound'});

	/**
	 * @param options.title - Says the unit, too.
	 * @param options.shown - How a value is written.
	 * @param options.isStacked - Whether the lanes are areas on top of each other, below a bound.
	 */
	constructor({title, shown, isStacked = false}) {
		this.#shown = shown;
		this.#isStacked = isStacked;
		const svg = svgElement('svg', {
			viewBox: `0 0 ${CHART_WIDTH} ${CHART_HEIGHT}`,
			preserveAspectRatio: 'none',
			'aria-hidden': 'true',
		});
		// The online lane lies in front.
		for (const lane of ['offline', 'online']) {
			this.#areas[lane] = svgElement('path', {class: `area ${lane}`});
			this.#lines[lane] = svgElement('path', {class: `line ${lane}`});
			svg.append(...(isStacked ? [this.#areas[lane]] : []), this.#lines[lane]);
		}

		svg.append(this.#bound);
		const caption = document.createElement('figcaption');
		caption.append(title, this.#top);
		const ends = document.createElement('p');
		ends.append(this.#begin, 'now');
		this.element = document.createElement('figure');
		this.element.append(caption, svg, ends);
	}

	/** @param points - `{time, online, offline, bound}`, the oldest first. */
	draw(points) {
		const first = points[0].time;
		const last = points.at(-1).time;
		const minutes = Math.max(1, Math.ceil((last - first) / MINUTE));
		const drawn = this.#isStacked ? points.map(stack) : points;
		const bound = Math.max(...points.map(point => point.bound ?? 0));
		const highest = Math.max(...drawn.flatMap(({online = 0, offline = 0}) => [online, offline]));
		const top = Math.max(bound, highest > bound ? roundUp(highest) : 0) || 1;
		this.#top.textContent = `0 to ${this.#shown(top)}`;
		this.#begin.textContent = `${minutes} min ago`;

		const place = ({time, value}) => {
			const x = CHART_WIDTH * (1 - (last - time) / (minutes * MINUTE));
			const y = 1 + (CHART_HEIGHT - 2) * (1 - value / top);
			return `${x.toFixed(1)} ${y.toFixed(1)}`;
		};

		const runs = name =>
			runsOf(drawn.map(point => ({time: point.time, value: point[name], floor: point.floor?.[name]})));
		const lineOf = run => `M${run.map(place).join('L')}${run.length === 1 ? 'h1' : ''}`;
		const areaOf = run => {
			const floor = run.map(({time, floor = 0}) => ({time, value: floor})).reverse();
			return `M${[...run, ...floor].map(place).join('L')}Z`;
		};

		for (const lane of ['online', 'offline']) {
			this.#lines[lane].setAttribute('d', runs(lane).map(lineOf).join(''));
			this.#areas[lane].setAttribute('d', runs(lane).map(areaOf).join(''));
		}

		this.#bound.setAttribute('d', runs('bound').map(lineOf).join(''));
	}
}
