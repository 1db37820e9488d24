/** The hot calls and the wire that they take and give their numbers on; see `src/node/raw.rs`. */
export type HotCalls = Record<'enqueue' | 'enqueueBatch' | 'fulfil' | 'reject' | 'next' | 'active' | 'pending' | 'createGate' | 'dropGate' | 'concurrency' | 'setConcurrency', () => void> & {readonly ints: Int32Array; readonly reals: Float64Array};

/**
 * Which binding artifact the generated loader actually loaded: `'native'` for
 * a native addon, otherwise the `platformArchABI` of the WASI flavor. Every
 * flavor napi-rs can build is listed, because `NAPI_RS_NATIVE_LIBRARY_PATH`
 * can point the loader at a WASI artifact this package does not build itself.
 */
export declare const __napiBindingTarget: 'native' | 'wasm32-wasi' | 'wasm32-wasip1'

/** One Node environment's end of the gates, with what is called now and then. */
export declare class Port {
  /** A port without gates. */
  constructor()
  /** The calls that every task makes, as functions that take and give their numbers on the wire. */
  hotCalls(): HotCalls
  /** Drops what waits in a lane and gives the tickets dropped, in the lane's order. */
  clear(gate: number, lane: number): Uint32Array
  /** All of a gate's numbers. */
  stats(gate: number): LimitStats
}

/** Names the sources that this binary was built from, so that an install can tell a stale one. */
export declare const FINGERPRINT: string

export interface LaneStats {
  active: number
  pending: number
  granted: number
  settled: number
  rejected: number
  wait: Quantiles
  run: Quantiles
}

export interface LimitStats {
  concurrency: number
  online: LaneStats
  offline: LaneStats
}

export interface Quantiles {
  count: number
  p50: number
  p90: number
  p99: number
  max: number
}
