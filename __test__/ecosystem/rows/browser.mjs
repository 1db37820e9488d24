// A page in headless Chromium that imports the bundle for browsers, without a bundler.

import {chromium, openPage} from '../../browser/chromium.mjs';
import {expectLimits, LIMITS_ESM} from '../programs.mjs';

const PAGE = `<!doctype html>
<meta charset="utf-8">
<script type="importmap">{"imports": {"p-lanes": "./web.mjs"}}</script>
<script>
	console.log = line => fetch('/results', {method: 'POST', body: JSON.stringify({line})});
	addEventListener('error', ({message}) => console.log(message));
</script>
<script type="module" src="limits.mjs"></script>
`;

export default {
	group: 'browser',
	name: 'chromium',
	title: 'Chromium',
	how: '`<script type="module">`',
	packages: {},
	async check(place) {
		const web = place.read('node_modules/p-lanes/dist/web.mjs');
		const {line} = await openPage({'index.html': PAGE, 'limits.mjs': LIMITS_ESM, 'web.mjs': web});
		return {version: chromium().version, uses: expectLimits(line)};
	},
};
