'use strict';

// The committed inputs of `npm run test:fuzz` for jobs, and changes to them, as an ordinary test. P_LANES_FUZZ_CHANGES is
// how many changes of each.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const {test} = require('node:test');
const {Pool} = require('p-lanes');
const {changed, check} = require('../../fuzz/jobs/check.js');
const {chanceOf} = require('../../reliability/random.js');

const fuzz = path.join(__dirname, '../../fuzz');
const corpus = path.join(fuzz, 'corpus/jobs');
const CHANGES = Number(process.env.P_LANES_FUZZ_CHANGES ?? 20);

test('values come back as structuredClone gives them', async t => {
	const pool = new Pool({filename: path.join(fuzz, 'jobs/echo.js'), maxThreads: 1});
	t.after(() => pool.destroy());
	const chance = chanceOf(7);
	const names = fs.readdirSync(corpus).sort();
	assert.ok(names.length > 0);
	for (const name of names) {
		const bytes = fs.readFileSync(path.join(corpus, name));
		const inputs = [bytes, ...Array.from({length: CHANGES}, () => changed(bytes, chance))];
		await Promise.all(inputs.map(input => check(input, value => pool.run(value))));
	}
});
