// The colours, light and dark. They are those of M. Okabe and K. Ito, which are told apart whatever one's colour vision,
// made lighter or darker where the background needs it. A peer has one colour in all charts, also in those of
// `p-lanes bench`. Limiters and pools never meet in a chart, so the first rival of each has the same.

import {colours as shipped, styleOf} from '../../lib/cli/bench/colours.js';

const BLUE = shipped['p-lanes'];
const VERMILION = shipped['p-limit'];
const ORANGE = shipped['p-queue'];
const GREEN = shipped.fastq;
const PURPLE = shipped['async-sema'];
const SKY = shipped['p-map'];
const GREY = shipped.floor;

const colours = {
	...shipped,
	'reserve-1': ['#7fb2d9', '#2f79ad'],
	'p-limit-alone': ['#eda878', '#a85a2a'],
	readable: ['#8b5e3c', '#c49a78'],
	chunks: ['#7f6bb3', '#b3a2e0'],

	piscina: VERMILION,
	tinypool: ORANGE,
	workerpool: GREEN,
	poolifier: PURPLE,
	node: SKY,

	postMessage: VERMILION,
	unnamed: ORANGE,

	// What runs in a slot.
	'kind-0': ['#9aa5b1', '#6f7b88'],
	'kind-1': ['#b5126c', '#ff6fb5'],

	// Adaptive limits.
	latency: BLUE,
	gradient: GREEN,
	aimd: ORANGE,
	'fixed-12': ['#c3c3c3', '#5f5f5f'],
	'fixed-24': GREY,
	'fixed-48': ['#4f4f4f', '#c9c9c9'],
	'in-flight': ORANGE,
	places: ['#111111', '#f2f2f2'],
	'mean-latency': VERMILION,

	panel: ['#f6f8fa', '#151b23'],
};

/** How a mark is given the colour of a name. */
export const colourOf = name => {
	if (!(name in colours)) {
		throw new TypeError(`no colour for '${name}'`);
	}

	return `var(--${name})`;
};

/** The colours as CSS: the reader's system says which background it is. */
export const colourStyle = styleOf(colours);
