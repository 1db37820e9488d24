'use strict';

// Makes a value of bytes: the same bytes always make the same value, and any bytes make one.

/** Lengths at which a string or an array goes another way through the codec. */
const EDGES = [0, 1, 15, 16, 17, 63, 64, 65, 510, 511, 512, 513, 65_535, 65_536, 65_537];

/** Objects at most in one value. */
const MOST = 200;

const ERRORS = [Error, TypeError, RangeError, SyntaxError, URIError];
const ARRAYS = [Uint8Array, Int16Array, Float32Array, Float64Array, BigInt64Array, Uint8ClampedArray];
const UNITS = ['a', '\0', 'é', 'ÿ', 'Ā', '好', '\ud83d\ude00', '\ud800', '\udc00', '"', '\\', '\u2028'];
const KEYS = ['a', 'b', '__proto__', 'constructor', '0', '-1', '', 'then', 'length', 'é', 'toString', 'value'];

class Maker {
	#bytes;
	#place = 0;
	#made = [];

	constructor(bytes) {
		this.#bytes = bytes;
	}

	#byte() {
		return this.#bytes[this.#place++] ?? 0;
	}

	#length() {
		const byte = this.#byte();
		return byte < 200 ? byte % 8 : EDGES[byte % EDGES.length];
	}

	#text() {
		const unit = UNITS[this.#byte() % UNITS.length];
		const other = UNITS[this.#byte() % UNITS.length];
		return unit.repeat(this.#length()) + other;
	}

	#double() {
		const bytes = new Uint8Array(8).map(() => this.#byte());
		return new Float64Array(bytes.buffer)[0];
	}

	#object(make, fill = () => {}) {
		const value = make();
		this.#made.push(value);
		fill(value);
		return value;
	}

	/** A part of a value; far down, and where there are many, one that has no parts. */
	value(depth = 0) {
		const kinds = this.#primitives();
		if (depth < 8 && this.#made.length < MOST) {
			kinds.push(...this.#objects(depth));
		}

		return kinds[this.#byte() % kinds.length]();
	}

	#primitives() {
		return [
			() => undefined,
			() => null,
			() => this.#byte() % 2 === 0,
			() => this.#byte() - 128,
			() => this.#double(),
			() => [Number.NaN, -0, Infinity, -Infinity, 2 ** 53, -(2 ** 31), 1e300, 5e-324][this.#byte() % 8],
			() => BigInt(this.#byte()) ** BigInt(this.#byte() % 40) * (this.#byte() % 2 === 0 ? 1n : -1n),
			() => this.#text(),
		];
	}

	#objects(depth) {
		const inner = () => this.value(depth + 1);
		const few = () => this.#byte() % 5;
		const times = (count, work) => {
			for (let index = 0; index < count; index++) {
				work(index);
			}
		};
		const fields = value =>
			times(few(), () => {
				const key = KEYS[this.#byte() % KEYS.length];
				Object.defineProperty(value, key, {value: inner(), enumerable: true, configurable: true, writable: true});
			});
		return [
			() => this.#object(() => ({}), fields),
			() => this.#object(() => Object.create(null), fields),
			() =>
				this.#object(
					() => [],
					value => times(few(), () => value.push(inner())),
				),
			() => this.#object(() => Array(this.#length() % 100).fill(this.#byte())),
			// With holes, and with a property beside its items.
			() =>
				this.#object(
					() => Array(this.#length() % 100),
					value => {
						times(few(), index => {
							value[2 * index] = inner();
						});
					},
				),
			() =>
				this.#object(
					() => [this.#byte()],
					value => Object.assign(value, {[this.#text()]: inner()}),
				),
			() =>
				this.#object(
					() => new Map(),
					value => times(few(), () => value.set(inner(), inner())),
				),
			() =>
				this.#object(
					() => new Set(),
					value => times(few(), () => value.add(inner())),
				),
			() => this.#object(() => new Date((this.#byte() - 128) * 1e10 + this.#byte())),
			() => this.#object(() => /a(?<b>.)/giu),
			() => this.#object(() => Object([1, 'text', true, 2n][this.#byte() % 4])),
			() => this.#object(() => new ERRORS[this.#byte() % ERRORS.length](this.#text())),
			() => this.#object(() => new Error(this.#text(), {cause: inner()})),
			() => this.#object(() => new ArrayBuffer(this.#length())),
			() => this.#object(() => this.#view()),
			() => this.#object(() => Buffer.from(this.#text())),
			// Once more what was met before, be it around this.
			() => this.#made[this.#byte() % Math.max(1, this.#made.length)],
		];
	}

	/** A view of a part of its memory. */
	#view() {
		const type = ARRAYS[this.#byte() % ARRAYS.length];
		const size = type.BYTES_PER_ELEMENT;
		const before = this.#byte() % 3;
		const length = this.#length();
		const memory = new Uint8Array((before + length + 1) * size).fill(this.#byte() & 0x3f);
		return this.#byte() % 8 === 0
			? new DataView(memory.buffer, before * size)
			: new type(memory.buffer, before * size, length);
	}
}

module.exports = {makeValue: bytes => new Maker(bytes).value()};
