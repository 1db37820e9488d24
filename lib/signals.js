'use strict';

// Who is to be told when a signal aborts. Node warns of a signal with many listeners, and many jobs may
// share one: whatever their number, a pool adds one listener, and the kernels do.

class Signals {
	#watchers = new Map();

	/**
	 * Has functions called with the reason when the signal aborts, which it has not yet: first everybody's
	 * `drop`, so that nothing that waits is begun, and then everybody's `abort`.
	 *
	 * @returns A function that ends this. The last one takes the listener along.
	 */
	watch(signal, watcher) {
		let watched = this.#watchers.get(signal);
		if (watched === undefined) {
			const all = new Set();
			const listener = () => {
				this.#watchers.delete(signal);
				const told = [...all];
				for (const {drop} of told) {
					drop(signal.reason);
				}

				for (const {abort} of told) {
					abort(signal.reason);
				}
			};
			watched = {all, listener};
			this.#watchers.set(signal, watched);
			signal.addEventListener('abort', listener, {once: true});
		}

		const {all, listener} = watched;
		all.add(watcher);
		return () => {
			if (all.delete(watcher) && all.size === 0 && this.#watchers.get(signal) === watched) {
				this.#watchers.delete(signal);
				signal.removeEventListener('abort', listener);
			}
		};
	}
}

module.exports = {Signals};
