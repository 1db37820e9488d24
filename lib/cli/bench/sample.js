'use strict';

// One sample: one scenario with one peer, in a process of its own, so that no peer meets the heap, the garbage or the
// inline caches of another. What is measured goes to the standard output as JSON.

const process = require('node:process');
const {limiters, loadPeer} = require('./peers.js');
const {scenarios} = require('./scenarios.js');

const take = async ({scenario, peer}) => {
	const figures = await scenarios[scenario].run(limiters[peer.name], await loadPeer(peer));
	process.stdout.write(JSON.stringify(figures));
};

take(JSON.parse(process.argv[2])).catch(error => {
	process.stderr.write(error.message);
	process.exitCode = 1;
});
