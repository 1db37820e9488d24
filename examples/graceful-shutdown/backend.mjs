// Stands for a slow service: answers every request after half a second to two seconds.

import {createServer} from 'node:http';
import process from 'node:process';

const server = createServer((request, response) => {
	setTimeout(() => response.end(`answer to ${request.url}`), 500 + Math.random() * 1500);
});

server.listen(Number(process.env.PORT ?? 8081), '127.0.0.1', () => {
	const {port} = /** @type {import('node:net').AddressInfo} */ (server.address());
	console.log(`backend: http://127.0.0.1:${port}`);
});
