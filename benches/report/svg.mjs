// Drawing without a browser: Observable Plot on a document of jsdom.

import * as Plot from '@observablehq/plot';
import {JSDOM} from 'jsdom';
import {colourOf, colourStyle} from './colours.mjs';

const {document} = new JSDOM('').window;

const FONT = 'system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif';
const FONT_SIZE = 12;

/** The width of a text in pixels, about. */
export const textWidth = text => text.length * FONT_SIZE * 0.56;

const SVG = 'http://www.w3.org/2000/svg';

export const element = (name, attributes, text) => {
	const made = document.createElementNS(SVG, name);
	for (const [key, value] of Object.entries(attributes)) {
		made.setAttribute(key, value);
	}

	if (text !== undefined) {
		made.textContent = text;
	}

	return made;
};

/** An SVG of Plot, with the colours and letters that all charts have. */
export const plot = options => {
	const svg = Plot.plot({
		document,
		...options,
		style: {color: 'var(--ink)', fontFamily: FONT, fontSize: `${FONT_SIZE}px`, overflow: 'visible'},
	});
	// It is for a chart that is an element of a page by itself, and not a part of another SVG.
	svg.querySelector('style').remove();
	svg.removeAttribute('class');
	return svg;
};

/** The ticks of a logarithmic axis; between two that are far apart, all would be a blur. */
export const powersOfTen = (least, greatest) => {
	const first = Math.ceil(Math.log10(least));
	const last = Math.floor(Math.log10(greatest));
	const powers = Array.from({length: Math.max(0, last - first + 1)}, (_, index) => 10 ** (first + index));
	// Within one power of ten, some of its multiples.
	return powers.length > 1
		? powers
		: [1, 2, 5, 10].map(multiple => multiple * 10 ** (first - 1)).filter(tick => tick >= least && tick <= greatest);
};

export const tickText = value => value.toLocaleString('en', {maximumSignificantDigits: 3});

const GAP = 18;
const SWATCH = 11;
const LINE = 18;

/** Names beside patches of their colours, broken into lines: `{group, height}`. An entry is `{title, colour, isLine}`. */
export const legend = (entries, width) => {
	const group = element('g', {'font-family': FONT, 'font-size': FONT_SIZE});
	let [x, y] = [0, 0];
	for (const {title, colour, isLine = false} of entries) {
		const needed = SWATCH + 6 + textWidth(title);
		if (x > 0 && x + needed > width) {
			[x, y] = [0, y + LINE];
		}

		group.append(
			element('rect', {
				x,
				y: isLine ? y + 4 : y,
				width: SWATCH,
				height: isLine ? 3 : SWATCH,
				rx: isLine ? 0 : 2,
				fill: colourOf(colour),
			}),
			element('text', {x: x + SWATCH + 6, y: y + SWATCH - 1, fill: 'var(--ink)'}, title),
		);
		x += needed + GAP;
	}

	return {group, height: y + LINE};
};

/** Places and lengths to a tenth of a pixel: Plot gives up to fifteen digits, which are half of a file. */
const rounded = svg =>
	svg.replaceAll(/ (?:d|x|y|x1|x2|y1|y2|width|height|cx|cy|transform)="[^"]*"/g, attribute =>
		attribute.replaceAll(/-?\d+\.\d+/g, number => `${Number(Number(number).toFixed(1))}`),
	);

const PADDING = 10;

/**
 * One SVG of parts below each other, each an SVG of `plot` or a `legend`, under a title that may be broken into lines.
 * `label` is what those who can't see it are told.
 */
export const sheet = ({title: given, label = given, width, parts}) => {
	const title = given?.replaceAll('`', '');
	const inner = width - 2 * PADDING;
	const svg = element('svg', {xmlns: SVG, role: 'img', 'aria-label': label});
	const paper = element('rect', {width, rx: 6, fill: 'var(--paper)'});
	svg.append(paper);
	let y = PADDING;
	for (const line of title === undefined ? [] : broken(title, inner)) {
		svg.append(
			element(
				'text',
				{x: PADDING, y: y + 13, fill: 'var(--ink)', 'font-family': FONT, 'font-size': 14, 'font-weight': 600},
				line,
			),
		);
		y += 20;
	}

	y += title === undefined ? 0 : 6;
	for (const part of parts) {
		if (part.group) {
			part.group.setAttribute('transform', `translate(${PADDING},${y})`);
			svg.append(part.group);
			y += part.height + 4;
		} else {
			part.setAttribute('x', PADDING);
			part.setAttribute('y', y);
			svg.append(part);
			y += Number(part.getAttribute('height')) + 4;
		}
	}

	const height = y + PADDING - 4;
	paper.setAttribute('height', height);
	svg.setAttribute('width', width);
	svg.setAttribute('height', height);
	svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
	return rounded(svg.outerHTML);
};

/** A title in lines that fit; its letters are a bit larger than the others. */
const broken = (title, width) => {
	const lines = [''];
	for (const word of title.split(' ')) {
		const line = `${lines.at(-1)} ${word}`.trim();
		if (textWidth(line) * 1.3 > width && lines.at(-1) !== '') {
			lines.push(word);
		} else {
			lines[lines.length - 1] = line;
		}
	}

	return lines;
};

/** A file of its own: with the colours, for light and dark. */
export const standalone = svg => `${svg.replace('>', `><style>${colourStyle}</style>`)}\n`;
