'use strict';

// Text for a terminal. Names and labels are the user's, and may hold anything: what could move the cursor is taken out.

/** Control characters, invisible ones that change the direction of the text, and line separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Characters of two columns: emoji, and those of East Asian scripts. */
const WIDE =
	/[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;

const COMBINING = /\p{M}/u;

const printable = text => text.replaceAll(UNPRINTABLE, '\u{fffd}');

const columnsOf = character => (COMBINING.test(character) ? 0 : WIDE.test(character) ? 2 : 1);

/** Cuts a text to so many columns. Returns the text and the columns that it takes. */
const cut = (text, columns) => {
	let taken = 0;
	let kept = '';
	for (const character of text) {
		const next = taken + columnsOf(character);
		if (next > columns) {
			break;
		}

		kept += character;
		taken = next;
	}

	return {text: kept, columns: taken};
};

const STYLES = {online: '34', offline: '33', faint: '2', bold: '1'};

/**
 * Writes a line of parts, each a text or a text and its style, in at most so many columns.
 *
 * @param isColoured - Whether styles are written at all.
 */
const line = (parts, columns, isColoured) => {
	let left = columns;
	let written = '';
	for (const part of parts) {
		const [text, style] = Array.isArray(part) ? part : [part];
		const kept = cut(printable(text), left);
		left -= kept.columns;
		written += style !== undefined && isColoured ? `\u001b[${STYLES[style]}m${kept.text}\u001b[0m` : kept.text;
	}

	return written;
};

module.exports = {line, printable};
