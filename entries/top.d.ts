import type {TextOutput} from './platform.js';
import type {Sources} from './sources.js';

export interface TopOptions extends Sources {
	/**
	 * Milliseconds between two samples: from 100 to 2147483647.
	 *
	 * @default 1000
	 */
	readonly interval?: number | null | undefined;

	/**
	 * Where to write. In a terminal it is a picture on the terminal's second screen, elsewhere one line for each limit and pool.
	 *
	 * @default process.stdout
	 */
	readonly output?: TextOutput | null | undefined;
}

export interface Top {
	/** Ends the view, and leaves the terminal as it was. */
	stop(): void;
}

/**
 * Shows what limits and pools do now in the terminal of this process. It does not keep the process alive. The terminal is
 * left as it was by `stop`, at the end of the process and by SIGINT, SIGTERM, SIGHUP and SIGTSTP, whose usual effects stay.
 *
 * @throws {InvalidArgError} An option can't be used.
 *
 * @example
 * ```
 * const view = top({limits: {api, db}, pools: {cpu}});
 * ```
 */
export function top(options: TopOptions): Top;
