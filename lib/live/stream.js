'use strict';

// The event stream of the dashboard (server-sent events): one sample in each interval, to all who listen. While nobody listens there
// is no timer, and no sample is taken.

const {clearTimeout, setTimeout} = require('../common/environment.js');
const {Sampler} = require('./sampler.js');

/** A listener that has so many bytes waiting gets no more samples until it has read them. */
const MOST_UNREAD = 1 << 20;

class SampleStream {
	#sources;
	#interval;
	#sampler = undefined;
	#timer = undefined;
	#listeners = new Set();

	constructor(sources, interval) {
		this.#sources = sources;
		this.#interval = interval;
	}

	get size() {
		return this.#listeners.size;
	}

	/** Sends samples as the answer to a request, until either side closes it. */
	add(response) {
		response.writeHead(200, {'content-type': 'text/event-stream; charset=utf-8'});
		this.#listeners.add(response);
		response.once('close', () => this.#remove(response));
		if (this.#timer === undefined) {
			this.#sampler = new Sampler(this.#sources);
			this.#send();
		} else {
			// The others' next sample counts from their last one, so this listener's first one is of a sampler of its own.
			response.write(this.#eventOf(new Sampler(this.#sources)));
		}
	}

	close() {
		for (const response of this.#listeners) {
			response.end();
			this.#remove(response); // nothing may be written from now on
		}
	}

	#remove(response) {
		this.#listeners.delete(response);
		if (this.#listeners.size === 0) {
			clearTimeout(this.#timer);
			this.#timer = undefined;
			this.#sampler = undefined;
		}
	}

	#send() {
		this.#timer = setTimeout(() => this.#send(), this.#interval).unref();
		const event = this.#eventOf(this.#sampler);
		for (const response of this.#listeners) {
			if (response.writableLength < MOST_UNREAD) {
				response.write(event);
			}
		}
	}

	#eventOf(sampler) {
		return `data: ${JSON.stringify({interval: this.#interval, ...sampler.take()})}\n\n`;
	}
}

module.exports = {SampleStream};
