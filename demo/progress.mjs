// A progress bar on a terminal, and a line now and then elsewhere.

import {performance} from 'node:perf_hooks';
import process from 'node:process';
import {Presets, SingleBar} from 'cli-progress';
import {bytes, count, plural} from './format.mjs';

const LINE_INTERVAL = 2000;
const STEPS = 1000;
const NOTHING = {passes: 1, files: 0, bytes: 0};

/** Files and bytes are those of all passes together. */
const done = ({passes, files, bytes: read}) =>
	`${plural(files, 'file')} | ${bytes(read)}${passes > 1 ? ` | pass ${count(passes)}` : ''}`;

class Bar {
	#bar;

	#begin = performance.now();

	constructor(label) {
		this.#bar = new SingleBar(
			{
				format: `${label.padEnd(11)} {bar} {percentage}% | {done} | {elapsed} s`,
				stream: process.stdout,
				hideCursor: true,
				barsize: 24,
				gracefulExit: false,
				emptyOnZero: true,
			},
			Presets.shades_classic,
		);
		this.#bar.start(STEPS, 0, this.#payload(NOTHING));
	}

	#payload(progress) {
		return {
			done: done(progress),
			elapsed: ((performance.now() - this.#begin) / 1000).toFixed(1),
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
		this.#told = performance.now();
		console.log(`${this.#label}: ${Math.floor(this.#last.share * 100)} % | ${done(this.#last)}`);
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
