'use strict';

// `p-lanes/top`: the limits and pools of this process in its terminal.

const process = require('node:process');
const {checkMillis, checkObject} = require('../common/checks.js');
const {clearTimeout, setTimeout} = require('../common/environment.js');
const {invalid} = require('../common/errors.js');
const {OptionNames} = require('../common/option-names.js');
const {Sampler} = require('./sampler.js');
const {openScreen} = require('./screen.js');
const {readSources, sourceNames} = require('./sources.js');

const names = new OptionNames([...sourceNames, 'interval', 'output']);

/** Milliseconds. */
const MIN_INTERVAL = 100;

const top = given => {
	checkObject('options', given);
	const {interval = 1000, output = process.stdout, ...options} = names.read(given);
	checkMillis('interval', interval, MIN_INTERVAL);
	if (typeof output.write !== 'function') {
		throw invalid('output', 'a stream to write to', output);
	}

	const sampler = new Sampler(readSources(options));
	const screen = openScreen(output);
	let timer;
	const show = () => {
		screen.show(sampler.take());
		timer = setTimeout(show, interval).unref();
	};

	show();
	let isStopped = false;
	const stop = () => {
		if (!isStopped) {
			isStopped = true;
			clearTimeout(timer);
			screen.stop();
		}
	};

	return {stop};
};

module.exports = {top};
