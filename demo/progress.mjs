// A progress bar on a terminal, and a line now and then elsewhere.

import {performance} from 'node:perf_hooks';
import process from 'node:process';
import {Presets, SingleBar} from 'cli-progress';
import {bytes, count} from './format.mjs';

const LINE_INTERVAL = 2000;
const STEPS = 1000;

class Bar {
	#bar;

	constructor(label) {
		this.#bar = new SingleBar({
			format: `${label.padEnd(11)} {bar} {percentage}% | {files} files | {bytes} | {duration} s`,
			stream: process.stdout,
			hideCursor: true,
			barsize: 24,
			gracefulExit: false,
			emptyOnZero: true,
		}, Presets.shades_classic);
		this.#begin = performance.now();
		this.#bar.start(STEPS, 0, this.#payload({files: 0, bytes: 0}));
	}

	#begin;

	#payload(progress) {
		return {
			files: count(progress.files),
			bytes: bytes(progress.bytes),
			duration: ((performance.now() - this.#begin) / 1000).toFixed(1),
		};
	}

	update(progress) {
		this.#bar.update(Math.floor(progress.share * STEPS), this.#payload(progress));
	}

	stop() {
		this.#bar.stop();
	}
}

class Lines {
	#label;

	#last;

	#told = performance.now();

	constructor(label) {
		this.#label = label;
		console.log(`${label}: begins`);
	}

	update(progress) {
		this.#last = progress;
		if (performance.now() - this.#told >= LINE_INTERVAL) {
			this.#tell();
		}
	}

	stop() {
		if (this.#last !== undefined) {
			this.#tell();
		}
	}

	#tell() {
		const {share, files, bytes: read} = this.#last;
		this.#told = performance.now();
		console.log(`${this.#label}: ${Math.floor(share * 100)} %, ${count(files)} files, ${bytes(read)}`);
	}
}

/** The one that is shown now, if any. */
let current;

export const showProgress = label => {
	current = process.stdout.isTTY ? new Bar(label) : new Lines(label);
	return current;
};

/** Leaves the terminal as it was found, cursor and all. */
export const stopProgress = () => {
	current?.stop();
	current = undefined;
};
