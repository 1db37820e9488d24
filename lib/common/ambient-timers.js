'use strict';

// The timers that the global object has at the moment: its own, or those of a fake clock that a test has installed.

/** For a global object whose own `setTimeout` is `startTimer`. */
const ambientTimersOf = (ambient, startTimer) => ({
	/** Whether the global `setTimeout` is not its own at this moment, but for example a fake clock's. */
	isClockFaked: () => ambient.setTimeout !== startTimer && typeof ambient.setTimeout === 'function',

	/** The global timers of this moment. */
	ambientTimers() {
		const {setTimeout, clearTimeout} = ambient;
		return {
			setTimeout: (...args) => Reflect.apply(setTimeout, ambient, args),
			clearTimeout: timer => Reflect.apply(clearTimeout, ambient, [timer]),
		};
	},

	/** Replaces functions of the global object. Returns a function that puts back those that nobody has replaced since. */
	replaceGlobals(functions) {
		const before = Object.keys(functions).map(name => [name, Object.getOwnPropertyDescriptor(ambient, name)]);
		for (const [name, value] of Object.entries(functions)) {
			Object.defineProperty(ambient, name, {value, configurable: true, enumerable: true, writable: true});
		}

		return () => {
			for (const [name, descriptor] of before.filter(([name]) => ambient[name] === functions[name])) {
				if (descriptor === undefined) {
					delete ambient[name];
				} else {
					Object.defineProperty(ambient, name, descriptor);
				}
			}
		};
	},
});

module.exports = {ambientTimersOf};
