// Puts the tests of the test runners into the folder of a row.

import {readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

/** Where the tests find the list of ways to use the package. */
export const env = {P_LANES_WAYS: fileURLToPath(new URL('../../environment/ways.js', import.meta.url))};

/** Copies the tests whose names end so into the folder `tests`. */
export const copyTests = (place, ending) => {
	for (const name of readdirSync(new URL('.', import.meta.url)).filter(file => file.endsWith(ending))) {
		place.write({[`tests/${name}`]: readFileSync(new URL(name, import.meta.url), 'utf8')});
	}
};
