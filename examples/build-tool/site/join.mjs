// The compiler of this site: writes the first file as all others, one behind the other.

import {mkdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';

const [output, ...inputs] = process.argv.slice(2);
const parts = await Promise.all(inputs.map(input => readFile(input, 'utf8')));
await mkdir(path.dirname(output), {recursive: true});
await writeFile(output, parts.join(''));
