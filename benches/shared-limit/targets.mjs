// What p-lanes is to reach where a limit is shared.

import {ratioTarget, valueTarget} from '../shared/targets.mjs';

const alone = (title, scenario) => ratioTarget(`${title} ÷ unnamed`, {scenario, reference: 'unnamed', atMost: 1.05});

export const targets = [
	valueTarget('hand-over between two threads', {scenario: 'hand-over', metric: 'time', atMost: 15_000, unit: 'µs'}),
	ratioTarget('4 threads, no-op tasks ÷ postMessage', {scenario: 'threads', reference: 'postMessage', atMost: 1 / 3}),
	ratioTarget('4 threads, tasks of a turn ÷ postMessage', {scenario: 'turns', reference: 'postMessage', atMost: 1 / 3}),
	alone('alone, burst of 1,000', 'burst'),
	alone('alone, sequential', 'sequential'),
	alone('alone, map of 10,000', 'map'),
];
