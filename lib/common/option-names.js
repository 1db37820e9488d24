'use strict';

// The names that an options object may have. A misspelled name would pass in silence, and its default would be used.

const {InvalidArgError, invalid, shown} = require('./errors.js');

const tagOf = value => Object.prototype.toString.call(value);

/** How many keys are remembered. */
const MAX_PASSED_OVER = 100;

/** Case, and what other styles of names put between words, make no difference. No name is as long as this is cut. */
const normalized = name => name.slice(0, 64).toLowerCase().replaceAll(/[-_]/g, '');

/**
 * Returns how many edits turn one word into the other: a letter that is added, left out or replaced, or two neighbours
 * that are swapped (the Damerau-Levenshtein distance).
 */
const editsBetween = (a, b) => {
	let beforeLast = [];
	let last = Array.from({length: b.length + 1}, (_, column) => column);
	for (let row = 1; row <= a.length; row++) {
		const current = [row];
		for (let column = 1; column <= b.length; column++) {
			const isSame = a[row - 1] === b[column - 1];
			const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
			current[column] = Math.min(
				last[column] + 1,
				current[column - 1] + 1,
				last[column - 1] + (isSame ? 0 : 1),
				isSwapped ? beforeLast[column - 2] + 1 : Number.POSITIVE_INFINITY,
			);
		}

		[beforeLast, last] = [last, current];
	}

	return last[b.length];
};

/** Returns how many letters two words have in common at their beginning. */
const sharedBeginning = (a, b) => {
	let shared = 0;
	while (shared < a.length && a[shared] === b[shared]) {
		shared++;
	}

	return shared;
};

/** A key beside a name: what they have in common. */
const compare = (key, name) => {
	const [a, b] = [normalized(key), normalized(name)];
	const shorter = Math.min(a.length, b.length);
	const shared = sharedBeginning(a, b);
	const edits = editsBetween(a, b);
	return {
		name,
		shared,
		edits,
		/**
		 * Whether the key is near to the name:
		 * - they are the same but for case, `-` and `_`; or
		 * - at most two letters are wrong, and less than half of the shorter word; or
		 * - one begins with the other, which has at least four letters.
		 */
		isNear: (edits <= 2 && edits < shorter / 2) || (shorter >= 4 && shared === shorter),
		/** Whether the name may be meant although it is not near: they begin alike, or one contains the other. */
		isAlike: (shared >= 3 && shared >= shorter - 1) || (shorter >= 4 && (a.includes(b) || b.includes(a))),
	};
};

/** Returns whether an option is given. `null` means the same as `undefined`, as in many packages and in JSON. */
const isGiven = value => value !== undefined && value !== null;

const quoted = name => `\`${name}\``;

/** Shows a key, which may be any string. */
const shownKey = key => (/^[\w$.-]{1,80}$/.test(key) ? key : shown(key));

class OptionNames {
	#names;
	#instead;

	/** Keys that `checkNear` has passed over: the same ones come again, and a comparison takes some microseconds. */
	#passedOver = new Set();

	/**
	 * @param names - All names.
	 * @param instead - By a name that users of other packages know: what to use here.
	 */
	constructor(names, instead = {}) {
		this.#names = new Set(names);
		this.#instead = new Map(Object.entries(instead));
	}

	[Symbol.iterator]() {
		return this.#names.values();
	}

	/**
	 * Returns whether an object may hold options. An array, an AbortSignal or a URL does not, and none of its properties
	 * would say so: it has none that count.
	 */
	mayBeIn(given) {
		return (
			Object.getPrototypeOf(given) === Object.prototype ||
			tagOf(given) === '[object Object]' ||
			[...this.#names].some(name => name in given)
		);
	}

	/**
	 * Throws if an object has another name, or is no options at all. Only its own enumerable string keys count, and only
	 * if their value is not `undefined` or `null`. `path` is where the object is, such as `retry.`.
	 */
	check(given, path = '') {
		if (!this.mayBeIn(given)) {
			throw invalid(path.slice(0, -1) || 'options', 'an object of options', given);
		}

		for (const key of Object.keys(given)) {
			if (!this.#names.has(key) && isGiven(given[key])) {
				throw this.#refusal(
					key,
					path,
					this.#closest(key, ({isNear, isAlike}) => isNear || isAlike),
				);
			}
		}
	}

	/** Throws only if a name is near a known one, for objects in which p-limit ignores all other names. */
	checkNear(given) {
		for (const key of Object.keys(given)) {
			if (this.#names.has(key) || this.#passedOver.has(key)) {
				continue;
			}

			const meant = this.#closest(key, ({isNear}) => isNear);
			if (meant === undefined) {
				this.#passOver(key);
			} else if (given[key] !== undefined) {
				throw this.#refusal(key, '', meant);
			}
		}
	}

	/** Returns whether one of the options is given, in an object that has others, too. */
	areIn(given) {
		const isPlain = Object.getPrototypeOf(given) === Object.prototype;
		const names = isPlain ? Object.keys(given) : [...this.#names];
		return names.some(name => this.#names.has(name) && isGiven(given[name]));
	}

	/**
	 * Checks the names of an object, and returns the options that are given. Reads each once, also those that are
	 * inherited, such as accessors of a class.
	 */
	read(given, path = '') {
		this.check(given, path);
		return this.pick(given);
	}

	/** Does the same for an object that has others, too: it checks no names. */
	pick(given) {
		const options = {};
		for (const name of this.#names) {
			const value = given[name];
			if (isGiven(value)) {
				options[name] = value;
			}
		}

		return options;
	}

	/** Returns a copy with all options, also those that are inherited, such as accessors of a class. Reads each once. */
	copy(given) {
		const copy = {...given};
		for (const name of this.#names) {
			if (!Object.hasOwn(copy, name)) {
				copy[name] = given[name];
			}
		}

		return copy;
	}

	#passOver(key) {
		if (this.#passedOver.size < MAX_PASSED_OVER) {
			this.#passedOver.add(key);
		}
	}

	/** Returns the name that the fewest edits make of a key, of those that may be meant. */
	#closest(key, mayBeMeant) {
		const [closest] = [...this.#names]
			.map(name => compare(key, name))
			.filter(mayBeMeant)
			.sort((a, b) => a.edits - b.edits || b.shared - a.shared);
		return closest?.name;
	}

	#refusal(key, path, meant) {
		return new InvalidArgError(`${quoted(path + shownKey(key))} is not an option; ${this.#advice(key, meant)}`);
	}

	#advice(key, meant) {
		if (this.#instead.has(key)) {
			return this.#instead.get(key);
		}

		return meant === undefined
			? `the options are ${[...this.#names].map(quoted).join(', ')}`
			: `did you mean ${quoted(meant)}?`;
	}
}

module.exports = {OptionNames};
