'use strict';

// Copies objects that are more than plain data: collections, instances of classes, buffers, errors, moved objects.

const {types} = require('node:util');
const {bufferOf, isDetached} = require('../../common/memory.js');
const {isMarked, readMoved} = require('../move.js');
const {ErrorRecords} = require('./error-records.js');
const {attempt, bareError} = require('./errors.js');
const {itemStep, keyStep, valueStep} = require('./not-cloneable.js');
const {
	HOST,
	PLAIN,
	TRANSFERRED,
	isCloneable,
	isDomException,
	isOpaque,
	isRefused,
	isSpecial,
	plainPrototypes,
	typeOfInstance,
} = require('./object-types.js');
const {LEFT_OUT, readOrNot} = require('./properties.js');
const {Transfers} = require('./transfers.js');

const mapForEach = Map.prototype.forEach;
const setForEach = Set.prototype.forEach;

const fillMap = (copier, source, copy) => {
	const entries = [];
	mapForEach.call(source, (value, key) => {
		entries.push([key, value]);
	});
	for (const [index, [key, value]] of entries.entries()) {
		const keyCopy = copier.copyPart(key, keyStep(index));
		const valueCopy = copier.copyPart(value, valueStep(index, key));
		if (keyCopy !== LEFT_OUT && valueCopy !== LEFT_OUT) {
			copy.set(keyCopy, valueCopy);
		}
	}
};

const fillSet = (copier, source, copy) => {
	const items = [];
	setForEach.call(source, item => {
		items.push(item);
	});
	for (const [index, item] of items.entries()) {
		const itemCopy = copier.copyPart(item, itemStep(index));
		if (itemCopy !== LEFT_OUT) {
			copy.add(itemCopy);
		}
	}
};

class SpecialCopier {
	/** Whether V8 alone can't serialize the copy. */
	needsPort = false;
	/** The records of the errors in the value, if there are any. */
	errors;
	/** What is transferred, if there is anything. */
	transfers;

	/** Copies the whole value, and the parts of what is copied here. */
	#copier;
	/** The errors that were met. Their records are read after all else. */
	#errorRecords;
	/** What clones make of the instances of classes, by prototype. */
	#verdicts;
	/** What moved objects stand for. */
	#unwrapped;

	constructor(copier, transferList) {
		this.#copier = copier;
		if (transferList !== undefined) {
			// Also if the list is empty: the caller has asked for this way.
			this.needsPort = true;
			this.transfers = new Transfers(transferList);
		}
	}

	/** Called when all but the records of errors is copied. */
	end() {
		if (this.#errorRecords !== undefined) {
			this.errors = this.#errorRecords.readAll((...property) => this.#copyOfError(...property));
		}

		this.transfers?.end();
	}

	#needTransfers() {
		this.transfers ??= new Transfers();
		return this.transfers;
	}

	/** Copies an object that is no plain object and no array. */
	copy(source, prototype) {
		if (plainPrototypes.has(prototype) && !isMarked(source)) {
			return this.#copier.copyPlain(source);
		}

		this.#copier.isJson = false;
		const moved = this.readMoved(source);
		if (moved !== undefined) {
			return moved.copy;
		}

		if (
			types.isNativeError(source) ||
			isDomException(source) ||
			(this.#copier.prunes && attempt(() => source instanceof Error))
		) {
			return this.#copyError(source);
		}

		if (!isSpecial(source)) {
			this.#verdicts ??= new Map();
			return this.#copyByType(source, typeOfInstance(source, prototype, this.#verdicts), prototype);
		}

		if (ArrayBuffer.isView(source)) {
			return this.#keepBuffer(source, bufferOf(source));
		}

		if (types.isAnyArrayBuffer(source)) {
			return this.#keepBuffer(source, source);
		}

		if (types.isMap(source)) {
			return this.#copier.copyBy(source, new Map(), fillMap);
		}

		if (types.isSet(source)) {
			return this.#copier.copyBy(source, new Set(), fillSet);
		}

		return isOpaque(source) && !isRefused(source) ? source : this.#copier.refuse(source);
	}

	#copyByType(source, type, prototype) {
		switch (type) {
			case PLAIN:
				return this.#copier.copyPlain(source);
			case HOST:
				this.needsPort = true;
				return source;
			case TRANSFERRED:
				if (this.#copier.prunes && !this.#needTransfers().isExpected(source)) {
					return LEFT_OUT;
				}

				this.needsPort = true;
				this.#needTransfers().require(source, this.#copier.pathLater(), source);
				return source;
			default:
				return this.#copyDoubtful(source, prototype);
		}
	}

	/** Copies an object that can't be cloned: something in it can't, or else it can't itself. */
	#copyDoubtful(source, prototype) {
		if (this.#copier.prunes) {
			this.#verdicts.set(prototype, PLAIN);
			return this.#copier.copyPlain(source);
		}

		const required = this.#needTransfers().required;
		const place = this.#copier.place();
		const copy = this.#copier.copyPlain(source);
		this.#copier.copyWaiting();
		this.#copier.goTo(place);
		return this.transfers.required === required ? this.#copier.refuse(source) : copy;
	}

	/** Keeps a buffer or a view of one, which is copied when the value is encoded. */
	#keepBuffer(source, buffer) {
		if (types.isSharedArrayBuffer(buffer)) {
			this.needsPort = true;
		} else if (isDetached(buffer)) {
			// An error of the transfer list, if it is in there.
			if (this.#copier.prunes) {
				return LEFT_OUT;
			}

			this.#needTransfers().require(buffer, this.#copier.pathLater(), source);
		} else if (buffer.resizable && source !== buffer && source.byteLength === 0 && !isCloneable(source)) {
			return this.#copier.refuse(source); // the buffer is shorter than its view
		}

		return source;
	}

	/** Returns the copy of an object that `move()` has marked, or undefined if it is not marked. */
	readMoved(source) {
		if (this.#unwrapped?.has(source)) {
			const copy = this.#unwrapped.get(source);
			return copy === LEFT_OUT ? undefined : {copy}; // left out: it is in the value that it stands for
		}

		const moved = this.#copier.prunes ? attempt(() => readMoved(source)) : readMoved(source);
		if (moved === undefined) {
			return undefined;
		}

		this.#copier.isJson = false;
		this.needsPort = true;
		const {value, transferList} = moved;
		this.#unwrapped ??= new Map();
		this.#unwrapped.set(source, LEFT_OUT);
		const transfers = this.#needTransfers();
		transfers.expect(value, transferList);
		const copy = this.#copier.copyWhole(value);
		this.#unwrapped.set(source, copy);
		if (copy !== LEFT_OUT) {
			transfers.add(copy, {isWhole: copy === value, transferList, path: this.#copier.pathLater()});
		}

		return {copy};
	}

	#copyError(source) {
		this.#errorRecords ??= new ErrorRecords();
		if (this.#errorRecords.isDeep) {
			return LEFT_OUT;
		}

		const copy = bareError();
		this.#copier.remember(source, copy);
		this.#errorRecords.add(source, copy, this.#copier.prunes, this.#copier.place());
		return copy;
	}

	/** Copies a property of an error. What its getter throws is left out too: a clone would not call it. */
	#copyOfError(place, source, key, prunes) {
		const value = readOrNot(source, key);
		if (value === LEFT_OUT) {
			return LEFT_OUT;
		}

		this.#copier.prunes = prunes;
		this.#copier.goBelow({...place, depth: 0});
		const copy = this.#copier.copyPart(value, key);
		this.#copier.copyWaiting();
		return copy;
	}
}

module.exports = {SpecialCopier};
