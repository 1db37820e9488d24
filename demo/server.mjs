// The online work: an HTTP server that answers each request with the SHA-256 of one small file.

import {once} from 'node:events';
import {statSync} from 'node:fs';
import {createServer} from 'node:http';
import {fileURLToPath} from 'node:url';
import {hashFile} from './hash.mjs';

/** This very file: always there, always as small, whatever folder the batch reads. */
const path = fileURLToPath(import.meta.url);
const smallFile = {path, size: statSync(path).size};

/** Gives the port. `online` runs an answer when its turn has come. */
export const serve = async online => {
	const server = createServer(async (_request, response) => {
		try {
			const {digest} = await online(() => hashFile(smallFile));
			response.end(digest);
		} catch (error) {
			response.statusCode = 500;
			response.end(error.code ?? error.message);
		}
	});

	// A request may wait for a whole batch here, and a connection idle for as long.
	server.requestTimeout = 0;
	server.headersTimeout = 0;
	server.keepAliveTimeout = 0;

	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return server.address().port;
};
