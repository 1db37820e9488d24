// When someone comes who waits for an answer.

/** Milliseconds between arrivals, from half of the mean to half more, evenly, the same in every run. */
export const gap = (mean, arrival) => mean * (0.5 + ((arrival * Math.SQRT2) % 1));
