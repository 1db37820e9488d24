// HTML of plain parts.

const entities = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'};

export const escaped = text => String(text).replaceAll(/[&<>"]/g, character => entities[character]);

/** Text in which a word between backticks is code. */
export const prose = text => escaped(text).replaceAll(/`([^`]*)`/g, '<code>$1</code>');

/** A table: its first column says what a row is, the others are figures. A cell is text, or `{html}`. */
export const table = (head, rows) => {
	const cell = (tag, content) => `<${tag}>${content?.html ?? escaped(content)}</${tag}>`;
	const row = cells => `<tr>${cells.map((content, column) => cell(column === 0 ? 'th' : 'td', content)).join('')}</tr>`;
	return `<div class="scroll"><table><thead><tr>${head.map(title => cell('th', title)).join('')}</tr></thead><tbody>${rows.map(row).join('\n')}</tbody></table></div>`;
};

export const swatch = name => `<span class="swatch" style="background: var(--${name})"></span>`;
