// Writes the notices of third parties, THIRD-PARTY-NOTICES.md: all that is linked into the binaries and the WebAssembly, with its
// licence. Every package has this file.
//
//     npm run notices              writes the file
//     npm run notices -- --check   fails if it is not as this would write it

import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {NOTICES, root} from '../packages/facts.mjs';
import {builds, linkedCrates} from './crates.mjs';
import {components} from './licences.mjs';

const file = path.join(root, NOTICES);
const all = components(linkedCrates());
const systems = [...new Set(builds.map(({name}) => name))];

const nameOf = ({name, version}) => [name, version].filter(Boolean).join(' ');

const whereOf = component =>
	systems.every(system => component.systems.includes(system)) ? 'all' : component.systems.join(', ');

const table = all.map(each => `| ${nameOf(each)} | ${each.license} | ${whereOf(each)} |`);

/** Components by the text that they share. */
const groups = new Map();
for (const component of all) {
	for (const {license, text} of component.texts) {
		groups.set(text, [...(groups.get(text) ?? []), {component, license}]);
	}
}

const sections = [...groups].map(([text, uses]) => {
	const names = uses.map(({component}) => nameOf(component)).join(', ');
	return `## ${uses[0].license}: ${names}\n\n\`\`\`text\n${text}\n\`\`\``;
});

const document = `# Third-party notices

p-lanes has no dependencies in JavaScript. These components in Rust and C are linked into its native addon and its WebAssembly. \`npm run
notices\` writes this file.

| component | licence | linked for |
|---|---|---|
${table.join('\n')}

${sections.join('\n\n')}
`;

if (process.argv.includes('--check')) {
	if (!existsSync(file) || readFileSync(file, 'utf8').replaceAll('\r\n', '\n') !== document) {
		console.error('THIRD-PARTY-NOTICES.md is not up to date: run `npm run notices`.');
		process.exitCode = 1;
	}
} else {
	writeFileSync(file, document);
	console.log(`THIRD-PARTY-NOTICES.md: ${all.length} components, ${groups.size} texts`);
}
