// The anchors of headings, as GitHub makes them. The tests and the site (site/) share this.

/** The anchor of a heading's text: lower case, without punctuation, spaces as hyphens. */
export const slugOf = text =>
	text
		.trim()
		.toLowerCase()
		.replace(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '')
		.replaceAll(' ', '-');

/** The text of a heading in Markdown: without the marks of code, emphasis and links. */
export const plainOf = markdown =>
	markdown
		.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
		.replaceAll(/[`*]/g, '')
		.replaceAll(/\\(.)/g, '$1');
