'use strict';

// The limiters that are compared, and where they are installed. Each makes what a scenario asks for, as its own
// documentation does it:
//
// | operation | gives |
// |---|---|
// | `call` | `task => promise`, made for a concurrency |
// | `map` | `(items, mapper) => promise` |
// | `lanes` | `{online, offline}`, two `call`s on one limit |

const {readFileSync} = require('node:fs');
const {createRequire} = require('node:module');
const path = require('node:path');
const {pathToFileURL} = require('node:url');
const {resolveInstalled} = require('../../common/place.js');

/** The usual way to map with a limiter that has no `map` of its own. */
const mapBy = call => (library, concurrency) => {
	const limited = call(library, concurrency);
	return (items, mapper) => Promise.all(items.map(item => limited(() => mapper(item))));
};

const withMap = ({call, ...peer}) => ({call, map: mapBy(call), ...peer});

const limiters = {
	'p-lanes': {
		call: ({default: pLimit}, concurrency) => pLimit(concurrency),
		map: ({default: pLimit}, concurrency) => pLimit(concurrency).map,
		lanes: ({default: pLimit}, concurrency) => pLimit(concurrency),
	},

	'p-limit': withMap({
		call: ({default: pLimit}, concurrency) => pLimit(concurrency),
		lanes({default: pLimit}, concurrency) {
			const limit = pLimit(concurrency);
			return {online: limit, offline: limit};
		},
	}),

	'p-queue': withMap({
		call({default: PQueue}, concurrency) {
			const queue = new PQueue({concurrency});
			return task => queue.add(task);
		},
		lanes({default: PQueue}, concurrency) {
			const queue = new PQueue({concurrency});
			return {online: task => queue.add(task, {priority: 1}), offline: task => queue.add(task)};
		},
	}),

	fastq: withMap({
		call: ({default: fastq}, concurrency) => fastq.promise(task => task(), concurrency).push,
		lanes({default: fastq}, concurrency) {
			const {push, unshift} = fastq.promise(task => task(), concurrency);
			return {online: unshift, offline: push};
		},
	}),

	'async-sema': withMap({
		call({Sema}, concurrency) {
			const sema = new Sema(concurrency);
			return async task => {
				await sema.acquire();
				try {
					return await task();
				} finally {
					sema.release();
				}
			};
		},
	}),

	throat: withMap({call: ({default: throat}, concurrency) => throat(concurrency)}),

	'p-map': {
		map:
			({default: pMap}, concurrency) =>
			(items, mapper) =>
				pMap(items, mapper, {concurrency}),
	},

	floor: {
		isCapped: false,
		call: () => task => task(),
		map: () => (items, mapper) => Promise.all(items.map(item => mapper(item))),
	},
};

const titleOf = name => (name === 'floor' ? 'no limiter' : name);

/** The version of the package that a file belongs to. */
const versionOf = (file, name) => {
	for (let folder = path.dirname(file); folder !== path.dirname(folder); folder = path.dirname(folder)) {
		try {
			const found = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
			if (found.name === name) {
				return found.version;
			}
		} catch {
			// There is none here, or it is not this one.
		}
	}

	return undefined;
};

/** Returns the file that a program in a folder gets for a package; nothing if it is not installed there. */
const resolveFrom = (folder, name) => {
	try {
		return createRequire(path.join(folder, 'program.js')).resolve(name);
	} catch {
		return undefined;
	}
};

const fileOf = (folder, name) => (name === 'p-lanes' ? resolveInstalled(name) : resolveFrom(folder, name));

/** Returns the peers that can be measured: `{name, title, file, version}`, p-lanes first and no limiter last. */
const findPeers = folder =>
	Object.keys(limiters).flatMap(name => {
		if (name === 'floor') {
			return [{name, title: titleOf(name)}];
		}

		const file = fileOf(folder, name);
		return file === undefined ? [] : [{name, title: titleOf(name), file, version: versionOf(file, name)}];
	});

/** Loads what a peer is made from. */
const loadPeer = ({file}) => (file === undefined ? undefined : import(pathToFileURL(file).href));

module.exports = {findPeers, limiters, loadPeer};
