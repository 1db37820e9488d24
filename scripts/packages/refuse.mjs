// `prepack` and `prepublishOnly` of the checkout: it is neither packed nor published as it is.

import process from 'node:process';
import {problemsOfRelease} from './check.mjs';

const problems = problemsOfRelease();
console.error(
	[
		'The checkout is no package. `npm run pack:all` packs p-lanes and the packages of the platforms, `npm run publish:all` publishes them.',
		...(problems.length > 0
			? ['For a release, these parts are not right yet:', ...problems.map(problem => `- ${problem}`)]
			: []),
	].join('\n'),
);
process.exitCode = 1;
