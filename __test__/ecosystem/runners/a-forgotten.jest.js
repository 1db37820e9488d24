// Leaves a manual clock standing, and a limit with a name whose time it was. The next file is run in the same thread.

const pLimit = require('p-lanes');
const {manualClock} = require('p-lanes/testing');

test('a clock that nobody restores', async () => {
	const clock = manualClock({timers: true});
	await clock.advance(1000);
	globalThis.limit = pLimit({concurrency: 1, name: 'forgotten', rate: {limit: 1, interval: 5}});
	expect(await globalThis.limit(() => clock.now)).toBe(1000);
});
