'use strict';

// Reads the samples of another process from its dashboard.

const {once} = require('node:events');
const http = require('node:http');
const {URL} = require('node:url');

/** A line that is longer is no sample. */
const MAX_LENGTH = 16 << 20;

/** Gives what comes until the connection is closed. A process that was killed closes it in the middle of its answer. */
const untilClosed = async function* (response) {
	try {
		yield* response;
	} catch (error) {
		if (error.code !== 'ECONNRESET') {
			throw error;
		}
	}
};

/**
 * Gives the samples that a dashboard sends, until it closes the connection.
 *
 * @param url - Where the page of the dashboard is.
 * @throws What hinders the connection, or what has answered in place of a dashboard.
 */
const samplesOf = async function* (url) {
	const request = http.get(new URL('events', url), {headers: {accept: 'text/event-stream'}});
	const [response] = await once(request, 'response');
	if (response.statusCode !== 200 || !response.headers['content-type']?.startsWith('text/event-stream')) {
		response.resume();
		throw new Error(`this is no dashboard of p-lanes; it has answered with status ${response.statusCode}`);
	}

	let unread = '';
	for await (const text of untilClosed(response.setEncoding('utf8'))) {
		const lines = (unread + text).split('\n');
		unread = lines.pop();
		if (unread.length > MAX_LENGTH) {
			throw new Error('this is no dashboard of p-lanes; a line of it has no end');
		}

		for (const line of lines) {
			if (line.startsWith('data: ')) {
				yield JSON.parse(line.slice(6));
			}
		}
	}
};

module.exports = {samplesOf};
