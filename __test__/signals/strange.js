'use strict';

// Controllers whose signals are not as Node's.

const {EventEmitter} = require('node:events');
const {AbortController: StandIn} = require('abort-controller');

/** A controller of Node, with some members of its signal replaced. */
const withMembers = members => {
	const controller = new AbortController();
	Object.defineProperties(controller.signal, Object.getOwnPropertyDescriptors(members(controller)));
	return controller;
};

const addEventListener = (signal, args) => EventTarget.prototype.addEventListener.apply(signal, args);

const fault = () => new Error('the fault of the signal');

/** A controller of the least that a signal needs: no events of Node, no reason. */
const least = () => {
	const emitter = new EventEmitter();
	const signal = {
		aborted: false,
		addEventListener: (type, listener) => emitter.on(type, listener),
		removeEventListener: (type, listener) => emitter.off(type, listener),
	};
	return {
		signal,
		listeners: () => emitter.listenerCount('abort'),
		abort() {
			signal.aborted = true;
			emitter.emit('abort', {type: 'abort'});
		},
	};
};

/** Signals that work. */
const working = {
	'of Node': () => new AbortController(),
	'of abort-controller': () => new StandIn(),
	'of the least members': least,
	'whose removeEventListener throws': () =>
		withMembers(() => ({
			removeEventListener() {
				throw fault();
			},
		})),
	'whose event is stopped by another listener': () => {
		const controller = new AbortController();
		controller.signal.addEventListener('abort', event => event.stopImmediatePropagation());
		return controller;
	},
};

/** Returns a getter that throws from so many calls on. */
const throwingFrom = count => {
	let calls = 0;
	return signal => {
		if (++calls >= count) {
			throw fault();
		}

		return Reflect.get(AbortSignal.prototype, 'aborted', signal);
	};
};

/** A signal whose `aborted` throws from so many reads on. */
const throwingFromRead = count => {
	const aborted = throwingFrom(count);
	return withMembers(({signal}) => ({
		get aborted() {
			return aborted(signal);
		},
	}));
};

/** Signals with which a call rejects, before anything has begun: by the fault, or by the abort that they do. */
const failing = {
	'whose addEventListener throws': () =>
		withMembers(() => ({
			addEventListener() {
				throw fault();
			},
		})),
	'whose addEventListener adds and throws': () =>
		withMembers(({signal}) => ({
			addEventListener(...args) {
				addEventListener(signal, args);
				throw fault();
			},
		})),
	'whose addEventListener aborts before it adds': () =>
		withMembers(controller => ({
			addEventListener(...args) {
				controller.abort(fault());
				addEventListener(controller.signal, args);
			},
		})),
	'whose addEventListener aborts after it has added': () =>
		withMembers(controller => ({
			addEventListener(...args) {
				addEventListener(controller.signal, args);
				controller.abort(fault());
			},
		})),
	...Object.fromEntries(
		[1, 2, 3].map(count => [`whose \`aborted\` throws from read ${count} on`, () => throwingFromRead(count)]),
	),
	'whose `reason` throws': () => {
		const controller = withMembers(() => ({
			get reason() {
				throw fault();
			},
		}));
		controller.abort();
		return controller;
	},
};

module.exports = {failing, throwingFromRead, working};
