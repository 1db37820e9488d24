'use strict';

// The files of the dashboard's page, by name. Read when this is loaded: later there may be too many open files, or another
// version in this place. The built package has their contents in place of this file.

const {readdirSync, readFileSync} = require('node:fs');
const path = require('node:path');

const folder = path.join(__dirname, 'page');

const files = Object.fromEntries(
	readdirSync(folder).map(name => [name, readFileSync(path.join(folder, name), 'utf8')]),
);

module.exports = {files};
