// Lines of values that change now and then.

/** The points at which `[time, value]` changes, and the last: a line of steps needs no others. */
export const changesOf = points =>
	points.filter(([, value], index) => index === points.length - 1 || value !== points[index - 1]?.[1]);
