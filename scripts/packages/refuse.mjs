// `prepublishOnly` of the checkout: it is never published as it is.

import process from 'node:process';
import {problemsOfRelease} from './check.mjs';

const problems = problemsOfRelease();
console.error(
	[
		'p-lanes is not published from the checkout. `npm run publish:all` publishes build/package and the packages of the platforms.',
		...(problems.length > 0
			? ['For that, these parts are not right yet:', ...problems.map(problem => `- ${problem}`)]
			: []),
	].join('\n'),
);
process.exitCode = 1;
