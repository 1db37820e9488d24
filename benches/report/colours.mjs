// The colours, light and dark. They are those of M. Okabe and K. Ito, which are told apart whatever one's colour vision,
// made lighter or darker where the background needs it. A peer has one colour in all charts. Limiters and pools
// never meet in a chart, so the first rival of each has the same.

const BLUE = ['#0072b2', '#4da6e0'];
const VERMILION = ['#d55e00', '#f0803c'];
const ORANGE = ['#e69f00', '#e69f00'];
const GREEN = ['#009e73', '#2bc79a'];
const PURPLE = ['#cc79a7', '#e29bc4'];
const YELLOW = ['#c4b400', '#f0e442'];
const SKY = ['#56b4e9', '#9ad4f5'];
const BROWN = ['#8b5e3c', '#c49a78'];
const VIOLET = ['#7f6bb3', '#b3a2e0'];
const GREY = ['#8c8c8c', '#8f8f8f'];

/** Each name's colour on a light and on a dark background. */
const colours = {
	'p-lanes': BLUE,
	'reserve-1': ['#7fb2d9', '#2f79ad'],
	'p-limit': VERMILION,
	'p-limit-alone': ['#eda878', '#a85a2a'],
	'p-queue': ORANGE,
	fastq: GREEN,
	'async-sema': PURPLE,
	throat: YELLOW,
	'p-map': SKY,
	readable: BROWN,
	chunks: VIOLET,

	piscina: VERMILION,
	tinypool: ORANGE,
	workerpool: GREEN,
	poolifier: PURPLE,
	node: SKY,

	postMessage: VERMILION,
	unnamed: ORANGE,
	floor: GREY,

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

	ink: ['#1f2328', '#e6edf3'],
	faint: ['#59636e', '#9198a1'],
	line: ['#d1d9e0', '#3d444d'],
	paper: ['#ffffff', '#0d1117'],
	panel: ['#f6f8fa', '#151b23'],
};

/** How a mark is given the colour of a name. */
export const colourOf = name => {
	if (!(name in colours)) {
		throw new TypeError(`no colour for '${name}'`);
	}

	return `var(--${name})`;
};

const variables = background =>
	Object.entries(colours)
		.map(([name, pair]) => `--${name}: ${pair[background]};`)
		.join(' ');

/** The colours as CSS: the reader's system says which background it is. */
export const colourStyle = `:root { color-scheme: light dark; ${variables(0)} }
@media (prefers-color-scheme: dark) { :root { ${variables(1)} } }`;
