// What code blocks and their stand-ins find as globals; globals.d.ts has the types.

import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import {setImmediate as tick} from 'node:timers/promises';
import {formatWithOptions} from 'node:util';
import * as exported from 'p-lanes';

const {default: pLimit, ...others} = exported;
Object.assign(globalThis, others, {pLimit, limit: pLimit(8), tick});

/** 0 to below `length`. */
globalThis.range = length => Array.from({length}, (_, index) => index);

globalThis.tell = what => console.log(JSON.stringify(what));

/** `fn`, after a turn of the event loop. Its `most` tells how many calls of it ran at a time. */
globalThis.most = fn => {
	let running = 0;
	const counted = async (...args) => {
		counted.most = Math.max(counted.most, ++running);
		try {
			await tick();
			return await fn(...args);
		} finally {
			running--;
		}
	};
	counted.most = 0;
	return counted;
};

/** The address of a server on the loopback that answers by `answer(request, response)`. It does not keep the process alive. */
globalThis.originOf = answer =>
	new Promise(resolve => {
		// A connection that is kept would keep the process, too.
		const server = createServer((request, response) => answer(request, response.setHeader('connection', 'close')));
		server.listen(0, '127.0.0.1', () => {
			server.unref();
			resolve(`http://127.0.0.1:${server.address().port}`);
		});
	});

/** By line: what was logged there. */
const logged = new Map();

/** Stands in for each `console.log(...); // text`. */
globalThis.logs = (line, ...values) => {
	const text = formatWithOptions({breakLength: Number.POSITIVE_INFINITY, compact: true}, ...values);
	logged.set(line, [...(logged.get(line) ?? []), text]);
};

/** What is logged has to be the text beside it; a line that runs more than once has all of it there, with commas. */
globalThis.expectLogs = expected => {
	process.on('exit', code => {
		if (code === 0) {
			for (const [line, text] of expected) {
				assert.equal(logged.get(line)?.join(', '), text);
			}
		}
	});
};
