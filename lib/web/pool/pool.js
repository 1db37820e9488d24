'use strict';

// `Pool` where there are no worker threads of Node.

const {missing} = require('../missing.js');

class Pool {
	constructor() {
		throw missing('Pool');
	}
}

module.exports = {Pool};
