'use strict';

const deferred = () => {
	const own = {};
	own.promise = new Promise(resolve => {
		own.resolve = resolve;
	});
	return own;
};

/** Tasks that run until they are told to end, by name. */
const board = () => {
	const running = new Map();
	const task = name => () => {
		const {promise, resolve} = deferred();
		running.set(name, resolve);
		return promise;
	};
	const end = name => {
		running.get(name)();
		running.delete(name);
	};
	return {running, task, end};
};

const turn = () => new Promise(setImmediate);

module.exports = {board, turn};
