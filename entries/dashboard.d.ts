import type {Disposes} from './platform.js';
import type {Sources} from './sources.js';

export interface DashboardOptions extends Sources {
	/**
	 * The TCP port, from 0 to 65535; 0 is any that is free.
	 *
	 * @default 0
	 */
	readonly port?: number | null | undefined;

	/**
	 * Milliseconds between two samples while a page is open: from 100 to 2147483647.
	 *
	 * @default 1000
	 */
	readonly interval?: number | null | undefined;
}

export interface Dashboard extends Disposes {
	/** Where the page is: `http://127.0.0.1:PORT/`. */
	readonly url: string;

	/** Closes all connections. Resolves when the port is free. */
	close(): Promise<void>;
}

/**
 * Serves a web page that shows what limits and pools do now. `npx p-lanes top URL` shows the same in a terminal.
 *
 * The page is read-only, and is served to this machine alone: at 127.0.0.1, and only where a request names the loopback interface.
 * It does not keep the process alive. While no page is open it does nothing.
 *
 * @throws {InvalidArgError} (rejects) An option can't be used.
 * @throws (rejects) The error of the server, such as `EADDRINUSE`.
 *
 * @example
 * ```
 * const {url} = await dashboard({limits: {api, db}, pools: {cpu}, port: 9464});
 * ```
 */
export function dashboard(options: DashboardOptions): Promise<Dashboard>;
