'use strict';

// Shows samples: in a terminal as a picture on its second screen, elsewhere as lines. The terminal is left as it was found, also by
// Ctrl-C, by Ctrl-Z and by `process.exit`.

const process = require('node:process');
const {picture, plainLines} = require('./draw.js');

/** The second screen of the terminal, without a cursor. */
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';

const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

const FATAL_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** A terminal that can't move its cursor is none. */
const isTerminal = output => output.isTTY === true && process.env.TERM !== 'dumb';

class Terminal {
	#output;
	#sample = undefined;
	#isSuspended = false;
	#draw = () => this.#redraw();
	#leave = () => this.#output.write(LEAVE);
	#onFatal = signal => {
		this.stop();
		// The program's own handler decides, if it has one.
		if (process.listenerCount(signal) === 0) {
			process.kill(process.pid, signal);
		}
	};

	#onSuspend = () => {
		this.#isSuspended = true;
		this.#leave();
		process.kill(process.pid, 'SIGSTOP');
	};

	#onContinue = () => {
		this.#isSuspended = false;
		this.#output.write(ENTER);
		this.#redraw();
	};

	constructor(output) {
		this.#output = output;
		output.on('resize', this.#draw);
		process.on('exit', this.#leave);
		process.on('SIGTSTP', this.#onSuspend);
		process.on('SIGCONT', this.#onContinue);
		for (const signal of FATAL_SIGNALS) {
			process.on(signal, this.#onFatal);
		}

		output.write(ENTER);
	}

	show(sample) {
		this.#sample = sample;
		this.#redraw();
	}

	stop() {
		this.#leave();
		this.#output.off('resize', this.#draw);
		process.off('exit', this.#leave);
		process.off('SIGTSTP', this.#onSuspend);
		process.off('SIGCONT', this.#onContinue);
		for (const signal of FATAL_SIGNALS) {
			process.off(signal, this.#onFatal);
		}
	}

	/** In one write, over what is there, so that nothing flickers. */
	#redraw() {
		if (this.#sample === undefined || this.#isSuspended) {
			return;
		}

		const {columns = 80, rows = 24} = this.#output;
		const isColoured = this.#output.hasColors?.() === true; // it knows NO_COLOR
		const lines = picture(this.#sample, {columns, rows, isColoured});
		this.#output.write(`${HOME}${lines.map(text => `${text}${CLEAR_LINE}\n`).join('')}${CLEAR_BELOW}`);
	}
}

class Lines {
	#output;

	constructor(output) {
		this.#output = output;
	}

	show(sample) {
		this.#output.write(`${plainLines(sample).join('\n')}\n`);
	}

	stop() {}
}

/** Opens a view that is always lines. */
const openLines = output => new Lines(output);

/** Opens a view on a stream, such as `process.stdout`. */
const openScreen = output => (isTerminal(output) ? new Terminal(output) : openLines(output));

module.exports = {openLines, openScreen};
