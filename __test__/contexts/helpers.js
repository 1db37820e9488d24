'use strict';

const {AsyncLocalStorage} = require('node:async_hooks');

const pause = () => new Promise(resolve => setImmediate(resolve));

/** Records in which contexts code of a user runs, by the place where it stands. */
class Places {
	#storage = new AsyncLocalStorage();
	#seen = {};

	/** Calls a function in the context of that name. */
	as(name, fn) {
		return this.#storage.run(name, fn);
	}

	/** Notes the context of now. */
	note(place) {
		this.#seen[place] ??= new Set();
		this.#seen[place].add(this.#storage.getStore());
	}

	/** Notes the context, and goes on in another one, as code may. */
	enter(place) {
		this.note(place);
		this.#storage.enterWith(`entered by ${place}`);
	}

	/** By place: the names of the contexts, sorted and joined. */
	get seen() {
		return Object.fromEntries(Object.entries(this.#seen).map(([place, names]) => [place, [...names].sort().join()]));
	}
}

/** A source of so many items of which all code notes its context. */
const sources = {
	generator: (places, length, itemOf) =>
		(function* () {
			try {
				for (let index = 0; index < length; index++) {
					places.note('next');
					yield itemOf(index);
				}
			} finally {
				places.note('return');
			}
		})(),
	'async generator': (places, length, itemOf) =>
		(async function* () {
			try {
				for (let index = 0; index < length; index++) {
					places.note('next');
					await pause();
					places.note('next');
					yield itemOf(index);
				}
			} finally {
				places.note('return');
				await pause();
				places.note('return');
			}
		})(),
	'iterator that enters': (places, length, itemOf) => {
		let index = 0;
		return {
			[Symbol.iterator]() {
				places.note('begin');
				return {
					next() {
						places.enter('next');
						return {
							get done() {
								return index === length;
							},
							get value() {
								return itemOf(index++);
							},
						};
					},
					return() {
						places.enter('return');
						return {done: true};
					},
				};
			},
		};
	},
	'iterator of promises': (places, length, itemOf) => {
		let index = 0;
		return {
			[Symbol.iterator]: () => ({
				next() {
					places.note('next');
					const item = itemOf(index++);
					const then = resolve => {
						places.note('then');
						resolve(item);
					};
					return index > length ? {done: true} : {done: false, value: {then}};
				},
				return() {
					places.note('return');
					return {done: true};
				},
			}),
		};
	},
};

module.exports = {Places, pause, sources};
