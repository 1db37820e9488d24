// The parts of the bundle for Node, and which part a source file is in.
//
// State has to exist once, so each file is in one part. A part exports a function for each of its files, which evaluates
// the file when it is first called; other parts get the file through it.

import {evaluatedWith, sourceNames} from './sources.mjs';

/** What `require('p-lanes')` and the threads of a pool evaluate. */
const BASE = 'base';

/** What else `require('p-lanes')` evaluates. */
const CORE = 'core';

/** What else the threads of a pool evaluate. */
const THREAD = 'thread';

/** Parts whose files are all evaluated. */
export const EVALUATED = [BASE, CORE, THREAD];

/** What only some programs need of the rooms that are in the core. */
const LATER = 'later';

/** Rooms that are a part of their own, but for their files in the core; those come first that are in others. */
const ROOMS = ['binding/wasm', 'stream', 'pool', 'kernels', 'live', 'testing', 'cli'];

/** What a part is called whose room has the name of an entry. */
const RENAMED = {testing: 'manual-clock'};

/** Files that load an optional peer are alone: a bundler looks for it in every program that loads their part. */
const WITH_PEERS = {
	'lib/live/opentelemetry.js': 'with-opentelemetry',
	'lib/live/prometheus.js': 'with-prom-client',
};

const atOnce = evaluatedWith('index.js');
const inThreads = evaluatedWith('lib/pool/worker.js');

/** The part of a source file. */
export const partOf = name => {
	if (atOnce.has(name)) {
		return inThreads.has(name) ? BASE : CORE;
	}

	if (inThreads.has(name)) {
		return THREAD;
	}

	if (name in WITH_PEERS) {
		return WITH_PEERS[name];
	}

	const room = ROOMS.find(candidate => name.startsWith(`lib/${candidate}/`));
	return room === undefined ? LATER : (RENAMED[room] ?? room.split('/').at(-1));
};

/** How a file of the bundle gets a source file. */
export const callOf = name => `require('./${partOf(name)}.js')['${name}']()`;

/** The part of each source file, by name. */
export const partsBySource = () => Object.fromEntries(sourceNames().map(name => [name, partOf(name)]));
