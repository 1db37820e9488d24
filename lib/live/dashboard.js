'use strict';

// `p-lanes/dashboard`: a web page that shows what limits and pools do now, from the process in which they are. It is read-only, and
// listens on the loopback interface alone.

const {once} = require('node:events');
const http = require('node:http');
const {checkMillis, checkObject, checkWhole} = require('../common/checks.js');
const {asyncDispose} = require('../common/environment.js');
const {OptionNames} = require('../common/option-names.js');
const {refusalOf, streamRefusalOf} = require('./guard.js');
const {files} = require('./page-files.js');
const {readSources, sourceNames} = require('./sources.js');
const {SampleStream} = require('./stream.js');

const names = new OptionNames([...sourceNames, 'port', 'interval'], {
	host: 'the dashboard listens on 127.0.0.1 alone; to see it from elsewhere, forward the port, as with `ssh -L`',
	hostname: 'the dashboard listens on 127.0.0.1 alone; to see it from elsewhere, forward the port, as with `ssh -L`',
});

const LOOPBACK = '127.0.0.1';

const MAX_PORT = 65_535;

/** Milliseconds. */
const MIN_INTERVAL = 100;

/** How many may listen to the event stream at once. */
const MOST_LISTENERS = 32;

const TOO_MANY = {status: 503, message: `${MOST_LISTENERS} pages are open already.`};

const SCRIPT = 'text/javascript; charset=utf-8';

/** By path: the file and its type. */
const FILES = {
	'/': [files['index.html'], 'text/html; charset=utf-8'],
	'/page.css': [files['page.css'], 'text/css; charset=utf-8'],
	'/format.js': [files['format.js'], SCRIPT],
	'/chart.js': [files['chart.js'], SCRIPT],
	'/block.js': [files['block.js'], SCRIPT],
	'/page.js': [files['page.js'], SCRIPT],
};

/** The page has no script, style, picture or frame but its own, and is in no frame of another page. */
const HEADERS = {
	'cache-control': 'no-store',
	'content-security-policy': [
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		"connect-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
	].join('; '),
	'cross-origin-opener-policy': 'same-origin',
	'cross-origin-resource-policy': 'same-origin',
	'referrer-policy': 'no-referrer',
	'x-content-type-options': 'nosniff',
	'x-frame-options': 'DENY',
};

const sendText = (response, {status, message, headers}) => {
	response.writeHead(status, {...headers, 'content-type': 'text/plain; charset=utf-8'}).end(`${message}\n`);
};

const sendFile = (response, [content, type]) => {
	response.writeHead(200, {'content-type': type}).end(content);
};

const createAnswer = (stream, portOf) => (request, response) => {
	for (const [name, value] of Object.entries(HEADERS)) {
		response.setHeader(name, value);
	}

	const [file] = request.url.split('?', 1);
	const refusal = refusalOf(request, portOf());
	if (refusal !== undefined) {
		sendText(response, refusal);
	} else if (file === '/events') {
		const streamRefusal = streamRefusalOf(request) ?? (stream.size < MOST_LISTENERS ? undefined : TOO_MANY);
		if (streamRefusal === undefined) {
			stream.add(response);
		} else {
			sendText(response, streamRefusal);
		}
	} else if (Object.hasOwn(FILES, file)) {
		sendFile(response, FILES[file]);
	} else {
		sendText(response, {status: 404, message: 'There is no such page.'});
	}
};

/** Resolves once the server listens. */
const listen = async (server, port) => {
	server.listen(port, LOOPBACK);
	server.unref();
	await once(server, 'listening'); // rejects with the server's error
	return server.address().port;
};

const dashboard = async given => {
	checkObject('options', given);
	const {port: givenPort = 0, interval = 1000, ...options} = names.read(given);
	checkWhole('port', givenPort, 0, MAX_PORT);
	checkMillis('interval', interval, MIN_INTERVAL);
	const stream = new SampleStream(readSources(options), interval);
	let port;
	const server = http.createServer(createAnswer(stream, () => port));
	// Nothing here keeps the process: it ends although a page is open.
	server.on('connection', socket => socket.unref());
	port = await listen(server, givenPort);
	// A connection that can't be accepted, as there are too many files, is no error of the program.
	server.on('error', () => {});

	let closing;
	const close = () => {
		closing ??= new Promise(resolve => {
			server.close(() => resolve());
			stream.close();
			server.closeAllConnections();
		});
		return closing;
	};

	return {url: `http://${LOOPBACK}:${port}/`, close, [asyncDispose]: close};
};

module.exports = {dashboard};
