'use strict';

// Requests to a dashboard, as any program may make them.

const {once} = require('node:events');
const http = require('node:http');

/** Asks for a path, and gives the status, the headers and the body. */
const ask = async (url, path = '', {method = 'GET', headers = {}} = {}) => {
	const request = http.request(new URL(path, url), {method, headers, agent: false}).end();
	const [response] = await once(request, 'response');
	let body = '';
	for await (const text of response.setEncoding('utf8')) {
		body += text;
	}

	return {status: response.statusCode, headers: response.headers, body};
};

/** Opens the event stream of a dashboard. `next` gives its next sample, and `close` ends it. */
const listen = async url => {
	const request = http.get(new URL('events', url), {agent: false});
	const [response] = await once(request, 'response');
	const samples = (async function* () {
		let unread = '';
		for await (const text of response.setEncoding('utf8')) {
			const events = (unread + text).split('\n\n');
			unread = events.pop();
			yield* events.map(event => JSON.parse(event.replace(/^data: /, '')));
		}
	})();
	return {
		next: async () => (await samples.next()).value,
		close: () => request.destroy(),
	};
};

module.exports = {ask, listen};
