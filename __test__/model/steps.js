'use strict';

// What a random program is made of.

const fc = require('fast-check');
const {LANES} = require('./model.js');

/** How often a program may pass on, and by how much: see `TIMES`. */
const SECOND = 1000;

/**
 * Half a second off what `pass` goes on by, while the steps of a program are a millisecond apart: so no two things
 * are due at a time, and none just when a step is made.
 */
const TIMES = [500, 1500, 2500];

/** The signals that calls share. */
const SIGNALS = [0, 1];

const lane = fc.constantFrom(...LANES);
const optional = (of, freq = 3) => fc.option(of, {nil: undefined, freq});
const signal = optional(fc.constantFrom(...SIGNALS));
const priority = fc.constantFrom(0, 0, 0, -1, 1, 2);
const weight = fc.constantFrom(1, 1, 2, 3, 4);
const time = optional(fc.constantFrom(...TIMES));

const step = fc.oneof(
	{weight: 5, arbitrary: fc.record({do: fc.constant('call'), lane, isHeld: fc.boolean()})},
	{
		weight: 6,
		arbitrary: fc.record({
			do: fc.constant('call'),
			lane,
			isHeld: fc.boolean(),
			priority,
			weight,
			signal,
			queueTimeout: time,
			timeout: time,
		}),
	},
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constantFrom('acquire', 'tryAcquire'),
			lane,
			priority,
			weight,
			signal,
			queueTimeout: time,
			timeout: time,
		}),
	},
	{weight: 2, arbitrary: fc.record({do: fc.constant('map'), lane, units: fc.nat(6), priority, weight, signal})},
	{
		weight: 10,
		arbitrary: fc.record({do: fc.constant('end'), which: fc.nat(), how: fc.constantFrom('fulfil', 'reject')}),
	},
	// Many plain calls at one moment: most of them and of their ends go on without asking (leases).
	{
		weight: 2,
		arbitrary: fc.record({
			do: fc.constant('churn'),
			rounds: fc.array(fc.record({calls: fc.nat(30), ends: fc.nat(10)}), {minLength: 1, maxLength: 6}),
		}),
	},
	{weight: 3, arbitrary: fc.record({do: fc.constant('move'), which: fc.nat(), lane: optional(lane), priority})},
	{weight: 1, arbitrary: fc.record({do: fc.constant('cancel'), which: fc.nat()})},
	{weight: 1, arbitrary: fc.record({do: fc.constant('maxQueue'), lane, to: fc.nat(5)})},
	{weight: 3, arbitrary: fc.record({do: fc.constant('abort'), signal: fc.constantFrom(...SIGNALS)})},
	{weight: 2, arbitrary: fc.record({do: fc.constant('clear'), of: fc.constantFrom(['online'], ['offline'], LANES)})},
	{weight: 1, arbitrary: fc.record({do: fc.constant('concurrency'), to: fc.integer({min: 1, max: 6})})},
	{weight: 1, arbitrary: fc.record({do: fc.constant('pause')})},
	{weight: 1, arbitrary: fc.record({do: fc.constant('pauseFor'), duration: fc.constantFrom(...TIMES)})},
	{weight: 2, arbitrary: fc.record({do: fc.constant('resume')})},
	{weight: 2, arbitrary: fc.record({do: fc.constant('pass'), duration: fc.constantFrom(SECOND, 2 * SECOND)})},
);

const bound = fc.integer({min: 0, max: 5});

const options = fc
	.record({
		concurrency: fc.integer({min: 1, max: 6}),
		reserve: fc.nat(5), // what is found depends on times
		offlineShare: fc.constantFrom(undefined, 0, 0.25, 0.5, 1),
		maxQueue: fc.oneof(fc.constant(undefined), bound, fc.record({online: optional(bound), offline: optional(bound)})),
		overflow: fc.constantFrom(undefined, 'reject', 'wait', 'drop-oldest', 'drop-lowest'),
	})
	.filter(({concurrency, reserve}) => reserve < concurrency);

const program = fc.tuple(options, fc.array(step, {minLength: 1, maxLength: 60, size: 'max'}));

module.exports = {SIGNALS, program};
