'use strict';

// `pLimit.keyed`: a limit for each key, and what can be done with all of them together.

const {checkWhole} = require('../common/checks.js');
const {asyncDispose} = require('../common/environment.js');
const {invalid, withOptionPath} = require('../common/errors.js');
const {INSPECT} = require('../observe/shown.js');
const {limitNames, readOptions} = require('../options/limit-options.js');
const {flowNumberOf} = require('./flows.js');
const {keyedNames, readKeyedOptions, readShare, withOwnOptions} = require('./keyed-options.js');
const {KeyedStore} = require('./keyed-store.js');
const {Callable, Lane, claimedGate} = require('./lane.js');

/** Under which keyed limits have their internals: `{store, total, ownTotal, isPaused, isDrained}`. */
const INTERNALS = Symbol('p-lanes.keyed');

/** All limits of the keys, and their own total. */
const limitsOf = ({store, ownTotal}) => [...store.all(), ...ownTotal];

/** Loads the file at the first wait. */
const waits = () => require('./keyed-waits.js');

class KeyedLimits extends Callable {
	constructor(internals) {
		const {store, total} = internals;
		super(key => store.limitOf(key));
		store.stopWith(this);
		Object.defineProperty(this, INTERNALS, {value: internals});
		Object.defineProperty(this, 'total', {value: total});
	}

	get [INSPECT]() {
		const internals = this[INTERNALS];
		return internals === undefined
			? undefined
			: (...args) => require('./inspect.js').inspectKeyed(internals.store, internals.total)(...args);
	}

	get size() {
		return this[INTERNALS].store.size;
	}

	entries() {
		return this[INTERNALS].store.entries();
	}

	[Symbol.iterator]() {
		return this.entries();
	}

	*keys() {
		for (const [key] of this.entries()) {
			yield key;
		}
	}

	*values() {
		for (const [, limit] of this.entries()) {
			yield limit;
		}
	}

	has(key) {
		return this[INTERNALS].store.has(key);
	}

	delete(key) {
		return this[INTERNALS].store.delete(key);
	}

	get activeCount() {
		return this[INTERNALS].store.count(native => [native.active]);
	}

	get pendingCount() {
		return this[INTERNALS].store.count(native => [native.pending]);
	}

	get isPaused() {
		return this[INTERNALS].isPaused;
	}

	pause() {
		const internals = this[INTERNALS];
		if (!internals.isDrained) {
			internals.isPaused = true;
			for (const limit of limitsOf(internals)) {
				limit.pause();
			}
		}
	}

	resume() {
		const internals = this[INTERNALS];
		internals.isPaused = false;
		for (const limit of limitsOf(internals)) {
			limit.resume();
		}
	}

	clearQueue(options) {
		for (const limit of limitsOf(this[INTERNALS])) {
			limit.clearQueue(options);
		}
	}

	async onSizeLessThan(size) {
		checkWhole('size', size, 1);
		await waits().untilFewer(this[INTERNALS].store, waits().pending, size);
	}

	async onEmpty() {
		await waits().untilFewer(this[INTERNALS].store, waits().pending, 1);
	}

	async onIdle() {
		await waits().untilFewer(this[INTERNALS].store, waits().unsettled, 1);
	}

	async drain(options = {}) {
		const internals = this[INTERNALS];
		const {drainKeyed} = require('./keyed-drain.js'); // most programs end without
		return drainKeyed(internals.store, internals.ownTotal[0], options, () => {
			internals.isDrained = true;
			internals.isPaused = false;
		});
	}

	stats() {
		const {store, total} = this[INTERNALS];
		return {keys: store.size, ...store.counts(), ...(total === undefined ? undefined : {total: total.stats()})};
	}

	async [asyncDispose]() {
		await this.drain();
	}
}

/** Adds the `nested` of the keys: who waits for inner calls lends its slot of the total, too. */
const withNested = (given, nested) => {
	if (nested === undefined) {
		return given;
	}

	const options = typeof given === 'object' && given !== null ? limitNames.copy(given) : {concurrency: given};
	// The threads that join a named limit agree on its options.
	return options.name === undefined ? {...options, nested: options.nested ?? nested} : options;
};

const createTotalOf = ({pLimit, Limit}, given, nested) => {
	if (given instanceof Limit) {
		return given;
	}

	if (typeof given === 'function') {
		throw invalid('total', 'a concurrency, the options of a limit, or a limit of this package', given);
	}

	if (typeof given === 'object' && given !== null) {
		limitNames.check(given, 'total.');
	}

	try {
		return pLimit(withNested(given, nested));
	} catch (error) {
		throw withOptionPath(error, 'total', given);
	}
};

/** Whether a total was made for these keys, and no one else can have it. */
const isOwn = (total, given) =>
	total !== undefined && total !== given && claimedGate(Lane.internalsOf(total)).origin.name === undefined;

/** Lets the keys take turns at a total. */
const makeFair = total => {
	const gate = claimedGate(Lane.internalsOf(total));
	gate.native.port.makeFair(gate.handle);
};

/**
 * `pLimit.keyed`. `makers`: `pLimit` and `Limit`; `createUnderTotal` makes a limit from settings and defaults, under a
 * total limit, as calls of a flow; `readDefaults` reads the latter; `leave` is for a gate that was opened in vain.
 */
const createKeyed = (makers, given = {}) => {
	const {pLimit, createUnderTotal, leave, readDefaults} = makers;
	const {common, total: givenTotal, fair, share, optionsOf, idleTimeout} = readKeyedOptions(given);
	// Refuses bad options now. A cost may name quotas of the total, so it is for later.
	pLimit({...common, cost: undefined});
	const prepare = options => ({settings: readOptions(options), defaults: readDefaults(options)});
	const prepared = prepare(common); // one for all keys
	const total = givenTotal === undefined ? undefined : createTotalOf(makers, givenTotal, common.nested ?? undefined);
	const flowOf = fair ? key => ({number: flowNumberOf(key), share: readShare(share, key)}) : () => undefined;
	const create = ({settings, defaults}, flow) => createUnderTotal(settings, defaults, total, flow);
	if (prepared.defaults !== undefined) {
		try {
			create(prepared); // refuses a weight that the total can't hold, and quotas that there are not
		} catch (error) {
			if (total !== undefined && total !== givenTotal) {
				leave(Lane.internalsOf(total).gate);
			}

			throw error;
		}
	}

	if (fair) {
		makeFair(total);
	}

	const ownTotal = isOwn(total, givenTotal) ? [total] : [];
	const internals = {store: undefined, total, ownTotal, isPaused: false, isDrained: false};
	const createOf = key => {
		const flow = flowOf(key);
		const limit =
			optionsOf === undefined
				? create(prepared, flow)
				: withOwnOptions(optionsOf(key), common, options => create(prepare(options), flow));
		if (internals.isDrained) {
			claimedGate(Lane.internalsOf(limit)).close();
		} else if (internals.isPaused) {
			limit.pause();
		}

		return limit;
	};
	internals.store = new KeyedStore(createOf, idleTimeout);
	return new KeyedLimits(internals);
};

module.exports = {createKeyed, keyedNames};
