// Jest in its Node and its jsdom environment: with real timers, with fake ones, and loaded under fake ones.

import {copyTests, env} from '../runners/copy.mjs';

const fakesAtOnce = {fakeTimers: {enableGlobally: true}};

const RUNS = [
	['ways', {}],
	['ways', fakesAtOnce],
	['fakes', {}],
];

export default ['node', 'jsdom'].map(environment => ({
	group: 'test runner',
	name: `jest-${environment}`,
	title: `Jest, \`${environment}\``,
	packages: {jest: '30', 'jest-environment-jsdom': '30'},
	check(place) {
		copyTests(place, '.jest.js');
		for (const [tests, config] of RUNS) {
			place.write({'jest.config.json': {testMatch: [`**/${tests}.jest.js`], ...config}});
			place.bin('jest', ['--env', environment, '--config', 'jest.config.json'], {env});
		}

		return {version: place.versionOf('jest'), uses: 'addon'};
	},
}));
