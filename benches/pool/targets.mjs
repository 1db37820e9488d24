// What p-lanes is to reach as a pool, with 2 threads on a machine of 2 cores.

import {fastestTarget, ratioTarget, valueTarget} from '../shared/targets.mjs';

export const targets = [
	ratioTarget('no-op, 64 in flight ÷ piscina', {scenario: 'noop-64', reference: 'piscina', atMost: 0.2}),
	ratioTarget('map of 5,000 small objects ÷ piscina', {scenario: 'map-5k', reference: 'piscina', atMost: 0.05}),
	fastestTarget('string of 1 MiB there and back ÷ the fastest peer', {
		scenario: 'string-1m',
		references: ['piscina', 'tinypool', 'workerpool', 'poolifier'],
		atMost: 1,
	}),
	valueTarget('skewed batch ÷ max(longest, total / threads)', {
		scenario: 'skewed',
		metric: 'overBound',
		atMost: 1.1,
		unit: 'x',
	}),
	valueTarget('online no-op p99, 32 offline jobs', {scenario: 'lanes', metric: 'p99', below: 12, unit: 'ms'}),
	ratioTarget('hash.map sha256 ÷ createHash loop', {scenario: 'sha256', reference: 'floor', atMost: 0.6}),
	ratioTarget('hash.map blake3 ÷ that sha256 loop', {scenario: 'blake3', reference: 'floor', atMost: 0.5}),
	valueTarget('event-loop delay p99 while hashing', {scenario: 'delay', metric: 'p99', atMost: 8, unit: 'ms'}),
];
