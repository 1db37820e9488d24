'use strict';

// The colours of the limiters, on a light and on a dark background: those of M. Okabe and K. Ito, which are told apart whatever
// one's colour vision, made lighter or darker where the background needs it.

const colours = {
	'p-lanes': ['#0072b2', '#4da6e0'],
	'p-limit': ['#d55e00', '#f0803c'],
	'p-queue': ['#e69f00', '#e69f00'],
	fastq: ['#009e73', '#2bc79a'],
	'async-sema': ['#cc79a7', '#e29bc4'],
	throat: ['#c4b400', '#f0e442'],
	'p-map': ['#56b4e9', '#9ad4f5'],
	floor: ['#8c8c8c', '#8f8f8f'],

	ink: ['#1f2328', '#e6edf3'],
	faint: ['#59636e', '#9198a1'],
	line: ['#d1d9e0', '#3d444d'],
	paper: ['#ffffff', '#0d1117'],
};

/** Such colours as CSS variables. The reader's system says which background it is. */
const styleOf = colours => {
	const variables = background =>
		Object.entries(colours)
			.map(([name, pair]) => `--${name}: ${pair[background]};`)
			.join(' ');
	return `:root { color-scheme: light dark; ${variables(0)} }
@media (prefers-color-scheme: dark) { :root { ${variables(1)} } }`;
};

module.exports = {colours, styleOf};
