'use strict';

// Which requests the dashboard answers. It tells what a process does, so it is for the user of this machine alone.
//
// A web page that the user visits must not read it. The browser keeps pages from reading other origins, but a page can point its
// own name at 127.0.0.1 ("DNS rebinding"): then the browser takes the dashboard for a part of that page. Such a request
// has the page's name in `Host`. So only names of the loopback interface are answered.

/** Which names and addresses a request may have asked for. */
const HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/** What `Sec-Fetch-Site` is where no other page has made the request: the page itself, or a user who typed the address. */
const OWN_SITES = ['same-origin', 'none'];

/** Returns why a request is refused: a status, a message and perhaps headers. Returns undefined if it is answered. */
const refusalOf = ({method, headers}, port) => {
	const host = headers.host?.toLowerCase();
	if (!HOSTS.some(name => host === `${name}:${port}` || (port === 80 && host === name))) {
		return {status: 403, message: `Open this page as http://127.0.0.1:${port}/; it is for this machine alone.`};
	}

	if (method !== 'GET') {
		return {status: 405, message: 'This page is to be read: GET is the only method.', headers: {allow: 'GET'}};
	}

	return undefined;
};

/** The same for the event stream, which no page but the dashboard's own may read. Programs send neither header. */
const streamRefusalOf = ({headers}) => {
	const {origin, host, 'sec-fetch-site': site} = headers;
	const isOwn =
		(origin === undefined || origin === `http://${host}`) && (site === undefined || OWN_SITES.includes(site));
	return isOwn ? undefined : {status: 403, message: 'Another page asked for this stream.'};
};

module.exports = {refusalOf, streamRefusalOf};
