// Node's own test runner.

import {copyTests} from '../runners/copy.mjs';

export default {
	group: 'test runner',
	name: 'node-test',
	title: '`node:test`',
	packages: {},
	check(place) {
		copyTests(place, '.node.mjs');
		place.runNode(['--test', place.path('tests', 'clock.node.mjs')]);
		return {version: place.runNode(['-p', 'process.versions.node']).trim(), uses: 'addon'};
	},
};
