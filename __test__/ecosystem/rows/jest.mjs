// Jest in its Node and its jsdom environment: with real timers, with fake ones, and loaded under fake ones.

import {copyTests, env} from '../runners/copy.mjs';

const fakesAtOnce = {fakeTimers: {enableGlobally: true}};

const RUNS = [
	['ways', {}],
	['ways', fakesAtOnce],
	['fakes', {}],
];

/** In one thread, one after the other; the file that forgets its clock comes first. */
const CLOCKS = ['a-forgotten', 'clock'];

/** Sorts test files by their names. */
const SEQUENCER = `
const {default: Sequencer} = require('@jest/test-sequencer');
module.exports = class extends Sequencer {
	sort(tests) { return [...tests].sort((a, b) => (a.path < b.path ? -1 : 1)); }
};`;

/** In jsdom, Jest takes what packages have for browsers. So does p-lanes, unless these are named. */
const asInNode = {testEnvironmentOptions: {customExportConditions: ['node', 'node-addons']}};

const environments = [
	{environment: 'node', given: {}},
	{
		environment: 'jsdom',
		given: asInNode,
		how: "`testEnvironmentOptions: {customExportConditions: ['node', 'node-addons']}`",
		notes: 'without the option, WebAssembly',
	},
];

export default environments.map(({environment, given, how, notes}) => ({
	group: 'test runner',
	name: `jest-${environment}`,
	title: `Jest, \`${environment}\``,
	how,
	packages: {jest: '30', 'jest-environment-jsdom': '30'},
	check(place) {
		copyTests(place, '.jest.js');
		const run = (tests, config) => {
			place.write({'jest.config.json': {testMatch: [`**/${tests}.jest.js`], ...config}});
			place.bin('jest', ['--env', environment, '--config', 'jest.config.json'], {env});
		};
		for (const [tests, config] of RUNS) {
			run(tests, {...given, ...config});
		}

		run('fakes', {});
		const testMatch = CLOCKS.map(name => `**/${name}.jest.js`);
		place.write({
			'sequencer.js': SEQUENCER,
			'jest.config.json': {...given, testMatch, testSequencer: './sequencer.js'},
		});
		place.bin('jest', ['--env', environment, '--config', 'jest.config.json', '--runInBand'], {env});
		return {version: place.versionOf('jest'), uses: 'addon', notes};
	},
}));
