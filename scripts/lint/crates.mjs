// Checks all crates by `deny.toml`: licences, sources, duplicates, and with `--advisories` the database of RustSec.
//
//     npm run lint:crates [-- --advisories]

import process from 'node:process';
import {check} from './tools.mjs';

const advisories = process.argv.includes('--advisories') ? ['advisories'] : [];
process.exitCode = check('cargo-deny', ['--locked', 'check', 'licenses', 'bans', 'sources', ...advisories]) ? 0 : 1;
