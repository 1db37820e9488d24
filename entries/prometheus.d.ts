import type {Registry} from 'prom-client';
import type {Sources} from './sources.js';

export interface PrometheusOptions extends Sources {
	/**
	 * The registry of prom-client that gets the metrics.
	 *
	 * @default the global registry of prom-client
	 */
	// biome-ignore lint/suspicious/noExplicitAny: of either content type
	readonly register?: Registry<any> | null | undefined;

	/**
	 * The upper bounds of the buckets of all histograms, in seconds, in ascending order. Each has to be one of `bucketBounds()`, which
	 * are in milliseconds.
	 *
	 * @default 0.0001, 0.0002, 0.0005, 0.001 and so on, up to 100
	 */
	readonly buckets?: readonly number[] | null | undefined;

	/**
	 * How many keys of keyed limits have metrics of their own: a whole number from 0. Each key has about 120 time series. The first
	 * keys that were used and are still kept are exported.
	 *
	 * @default 100
	 */
	readonly maxKeys?: number | null | undefined;
}

export interface PrometheusExport {
	/** Takes these limits and pools out of the registry. */
	unregister(): void;
}

/**
 * Exports the numbers of limits and pools by a registry of prom-client. They are read at each scrape, and between scrapes there is no
 * work. May be called more than once for a registry.
 *
 * @throws {InvalidArgError} An option can't be used; or the registry has a limit or a pool of one of these names, or another metric of
 * one of the names of the metrics.
 *
 * @example
 * ```
 * prometheus({limits: {api, db}, pools: {cpu}, register});
 * ```
 */
export function prometheus(options: PrometheusOptions): PrometheusExport;
