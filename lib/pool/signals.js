'use strict';

// Who is to be told when a signal aborts. Node warns of a signal with many listeners, and many jobs may
// share one: whatever their number, a pool adds one listener.

class Signals {
	#watchers = new Map();

	/**
	 * Has a function called with the reason when the signal aborts, which it has not yet.
	 *
	 * @returns A function that ends this. The last one takes the listener along.
	 */
	watch(signal, onAbort) {
		let watched = this.#watchers.get(signal);
		if (watched === undefined) {
			const all = new Set();
			const listener = () => {
				this.#watchers.delete(signal);
				for (const tell of all) {
					tell(signal.reason);
				}
			};
			watched = {all, listener};
			this.#watchers.set(signal, watched);
			signal.addEventListener('abort', listener, {once: true});
		}

		const {all, listener} = watched;
		all.add(onAbort);
		return () => {
			if (all.delete(onAbort) && all.size === 0 && this.#watchers.get(signal) === watched) {
				this.#watchers.delete(signal);
				signal.removeEventListener('abort', listener);
			}
		};
	}
}

module.exports = {Signals};
