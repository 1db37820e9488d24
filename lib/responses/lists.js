'use strict';

// Lists of structured fields (RFC 9651, 3.1), as far as rate limits have them, and somewhat more: servers of older drafts
// leave out quotation marks, or write a dictionary. A member that can't be read is left out alone.

/** Splits at a separator that is in no quoted string. */
const split = (text, separator) => {
	const parts = [];
	let isQuoted = false;
	let start = 0;
	for (let index = 0; index < text.length; index++) {
		const character = text[index];
		if (isQuoted && character === '\\') {
			index++;
		} else if (character === '"') {
			isQuoted = !isQuoted;
		} else if (!isQuoted && character === separator) {
			parts.push(text.slice(start, index));
			start = index + 1;
		}
	}

	parts.push(text.slice(start));
	return parts.map(part => part.trim());
};

/** Returns a string or a number; `undefined` if this is neither. */
const readItem = text => {
	const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text);
	if (quoted !== null) {
		return quoted[1].replaceAll(/\\(.)/g, '$1');
	}

	if (/^-?\d+(\.\d+)?$/.test(text)) {
		return Number(text);
	}

	return /^[^\s"]+$/.test(text) ? text : undefined;
};

/** Reads `name=value`. The value is `undefined` if there is none, or if it can't be read. */
const readPair = text => {
	const [name, ...rest] = split(text, '=');
	return [readItem(name), rest.length === 0 ? undefined : readItem(rest.join('='))];
};

/** Reads a list. A member has an `item`, a `value` if it is that of a dictionary, and `parameters`. */
const readList = text => {
	const members = [];
	for (const member of split(text, ',')) {
		const [first, ...rest] = split(member, ';');
		const [item, value] = readPair(first);
		if (item !== undefined) {
			members.push({item, value, parameters: Object.fromEntries(rest.map(readPair))});
		}
	}

	return members;
};

module.exports = {readList};
