// Writes the bill of materials in the format of CycloneDX: what is linked into the packages, with versions, checksums and licences.
//
//     npm run sbom [-- FILE]   default: build/p-lanes.cdx.json

import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {root} from '../packages/facts.mjs';
import {linkedCrates} from './crates.mjs';
import {components} from './licences.mjs';

const file = path.resolve(process.argv[2] ?? path.join(root, 'build/p-lanes.cdx.json'));
const {name, version, license, description} = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

const entryOf = ({name, version, license, purl, checksum, systems}) => {
	const isCrate = checksum !== undefined;
	const ref = isCrate ? `${purl}@${version}` : purl;
	return {
		...{type: 'library', 'bom-ref': ref, name},
		...(isCrate ? {version, hashes: [{alg: 'SHA-256', content: checksum}]} : {}),
		licenses: [{expression: license.replaceAll(/\s*\/\s*/g, ' OR ')}],
		purl: ref,
		properties: [
			{name: 'p-lanes:linkedFor', value: systems.join(', ')},
			...(isCrate || version === '' ? [] : [{name: 'p-lanes:source', value: version}]),
		],
	};
};

const entries = components(linkedCrates()).map(entryOf);
const own = `pkg:npm/${name}@${version}`;
const bom = {
	...{bomFormat: 'CycloneDX', specVersion: '1.6', version: 1},
	metadata: {
		component: {
			...{type: 'library', 'bom-ref': own, name, version, description, purl: own},
			licenses: [{license: {id: license}}],
		},
	},
	components: entries,
	dependencies: [{ref: own, dependsOn: entries.map(entry => entry['bom-ref'])}],
};
mkdirSync(path.dirname(file), {recursive: true});
writeFileSync(file, `${JSON.stringify(bom, undefined, '\t')}\n`);
console.log(`${path.relative(root, file)}: ${entries.length} components`);
