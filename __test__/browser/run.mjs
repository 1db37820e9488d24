// Runs specs in headless Chromium: `node __test__/browser/run.mjs [the beginnings of their names]`.

import process from 'node:process';
import {openPage} from './chromium.mjs';
import {pageOf, specsOfPages} from './specs.mjs';

const asked = process.argv.slice(2);
const names = specsOfPages().filter(name => asked.length === 0 || asked.some(prefix => name.startsWith(prefix)));
const {passed, skipped, needAddon, failed} = await openPage(await pageOf(names));
for (const {name, error} of failed) {
	console.log(`FAILED ${name}\n${error}\n`);
}

console.log(
	`${names.length} files of specs: ${passed} tests passed, ${failed.length} failed, ${skipped} skipped, ${needAddon} need the addon`,
);
process.exitCode = failed.length > 0 || passed === 0 ? 1 : 0;
