import type {MeterProvider, TracerProvider} from '@opentelemetry/api';
import type {Sources} from './sources.js';

export interface OpenTelemetryOptions extends Sources {
	/**
	 * Where metrics go.
	 *
	 * @default the global one
	 */
	readonly meterProvider?: MeterProvider | null | undefined;

	/**
	 * Where spans go.
	 *
	 * @default the global one
	 */
	readonly tracerProvider?: TracerProvider | null | undefined;

	/**
	 * Whether calls have spans. Then all calls of the process are heard, which costs each some microseconds.
	 *
	 * @default true
	 */
	readonly spans?: boolean | null | undefined;

	/**
	 * Whether there are histograms of waits and runs: of calls that end from now on. Then all calls of the process are heard, as for `spans`.
	 *
	 * @default true
	 */
	readonly histograms?: boolean | null | undefined;

	/**
	 * How many keys of keyed limits have metrics of their own: a whole number from 0. The first keys that were used and are still kept
	 * are exported.
	 *
	 * @default 100
	 */
	readonly maxKeys?: number | null | undefined;
}

export interface OpenTelemetryExport {
	/** Ends metrics and spans. A span that has begun and not ended is lost. */
	stop(): void;
}

/**
 * Exports metrics and spans of limits and pools by the API of OpenTelemetry. Metrics are read when they are collected.
 *
 * Each call of a limit has a span, whose parent is the span in which it was made. It lasts from the call until its outcome. A wait
 * of a millisecond or more is a child span, `wait`. The function runs in the context of the span, so that spans in it are its
 * children. A job of a pool has a span, too; its function runs in another thread, without a context.
 *
 * @throws {InvalidArgError} An option can't be used.
 *
 * @example
 * ```
 * opentelemetry({limits: {api, db}, pools: {cpu}});
 * ```
 */
export function opentelemetry(options: OpenTelemetryOptions): OpenTelemetryExport;
