'use strict';

// Who is to be told when a signal aborts. Node warns of a signal with many listeners, and many jobs may
// share one: whatever their number, a limit adds one listener, a pool does, and the kernels do.

class Signals {
	/** By signal: its watchers, and the listener that tells them. */
	#watched = new Map();

	/**
	 * Has a watcher's methods called with the reason when the signal aborts, which it has not yet: first everybody's
	 * `leave`, so that nothing that waits is begun, and then everybody's `abort`.
	 */
	add(signal, watcher) {
		let watched = this.#watched.get(signal);
		if (watched === undefined) {
			watched = this.#listen(signal);
		}

		watched.all.add(watcher);
	}

	/** The watcher is not to be told. The last one takes the listener along. */
	remove(signal, watcher) {
		const watched = this.#watched.get(signal);
		if (watched?.all.delete(watcher) && watched.all.size === 0) {
			this.#watched.delete(signal);
			signal.removeEventListener('abort', watched.listener);
		}
	}

	/** Adds a watcher, and gives what removes it. */
	watch(signal, watcher) {
		this.add(signal, watcher);
		return () => {
			this.remove(signal, watcher);
		};
	}

	#listen(signal) {
		const all = new Set();
		const listener = () => {
			this.#watched.delete(signal);
			const told = [...all];
			for (const watcher of told) {
				watcher.leave(signal.reason);
			}

			for (const watcher of told) {
				watcher.abort(signal.reason);
			}
		};
		const watched = {all, listener};
		this.#watched.set(signal, watched);
		signal.addEventListener('abort', listener, {once: true});
		return watched;
	}
}

module.exports = {Signals};
