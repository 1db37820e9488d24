'use strict';

// In place of `node:events`, in a page. Listeners are counted from when this is loaded.

const listeners = new WeakMap();
const {prototype} = EventTarget;
const {addEventListener, removeEventListener} = prototype;

const ofTarget = (target, type) => {
	const byType = listeners.get(target) ?? new Map();
	listeners.set(target, byType);
	byType.set(type, byType.get(type) ?? new Set());
	return byType.get(type);
};

prototype.addEventListener = function (type, listener, options) {
	ofTarget(this, type).add(listener);
	if (options?.once) {
		addEventListener.call(this, type, () => ofTarget(this, type).delete(listener), {once: true});
	}

	return addEventListener.call(this, type, listener, options);
};

prototype.removeEventListener = function (type, listener, options) {
	ofTarget(this, type).delete(listener);
	return removeEventListener.call(this, type, listener, options);
};

const getEventListeners = (target, type) => [...ofTarget(target, type)];

const once = (target, type) =>
	new Promise(resolve => {
		target.addEventListener(type, event => resolve([event]), {once: true});
	});

module.exports = {getEventListeners, once, setMaxListeners() {}};
