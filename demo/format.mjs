// Figures as a reader wants them.

export const count = number => number.toLocaleString('en');

/** Decimal units, as file managers and `du --si` have them. */
export const bytes = number => {
	const units = ['B', 'kB', 'MB', 'GB', 'TB'];
	let unit = 0;
	while (number >= 999.5 && unit < units.length - 1) {
		number /= 1000;
		unit++;
	}

	return `${number.toFixed(unit > 0 && number < 9.95 ? 1 : 0)} ${units[unit]}`;
};

/** Three digits or so: more would be noise. */
export const figure = number => {
	if (number === undefined) {
		return '-';
	}

	if (number >= 99.5) {
		return count(Math.round(number));
	}

	return number >= 0.01 ? number.toFixed(number >= 9.95 ? 1 : 2) : String(Number(number.toPrecision(1)));
};

export const duration = seconds => (seconds < 0.1 ? `${figure(seconds * 1000)} ms` : `${figure(seconds)} s`);

export const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? '' : 's'}`;

/** 'a', 'a and b', 'a, b and c'. */
export const list = words =>
	words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** Breaks a text between words, so that the terminal does not break it inside one. */
export const wrap = (text, width) => {
	const lines = [];
	let line = '';
	for (const word of text.split(' ')) {
		if (line !== '' && line.length + 1 + word.length > width) {
			lines.push(line);
			line = word;
		} else {
			line += line === '' ? word : ` ${word}`;
		}
	}

	return [...lines, line].join('\n');
};
