'use strict';

// Loads the package in a `vm` context, as Jest does for each test file: the context has its own `Object`, `Promise` and
// `Error`, and of Node's globals only what it is given.

const {readFileSync} = require('node:fs');
const {createRequire, isBuiltin} = require('node:module');
const path = require('node:path');
const process = require('node:process');
const vm = require('node:vm');

/** The timers of jsdom return numbers and have no `unref`. */
const jsdomTimers = () => {
	const timers = new Map();
	let lastId = 0;
	return {
		setTimeout(fn, delay, ...args) {
			lastId++;
			timers.set(lastId, setTimeout(fn, delay, ...args));
			return lastId;
		},
		clearTimeout(id) {
			clearTimeout(timers.get(id));
			timers.delete(id);
		},
	};
};

/**
 * An `AbortController` of the context, and a `DOMException` and `URL` that are not Node's. Node's `AbortSignal` would be
 * recognized by Node itself.
 */
const WEB_CLASSES = `
	class DOMException extends Error {
		constructor(message, name) {
			super(message);
			Object.defineProperty(this, 'name', {value: name});
			this.code = name === 'AbortError' ? 20 : 0;
		}
	}

	class AbortSignal {
		aborted = false;
		reason = undefined;
		listeners = new Set();
		addEventListener(type, listener) { this.listeners.add(listener); }
		removeEventListener(type, listener) { this.listeners.delete(listener); }
		throwIfAborted() { if (this.aborted) { throw this.reason; } }
	}

	class AbortController {
		signal = new AbortSignal();
		abort(reason = new DOMException('aborted', 'AbortError')) {
			const {signal} = this;
			signal.aborted = true;
			signal.reason = reason;
			for (const listener of signal.listeners) { listener({type: 'abort'}); }
		}
	}

	class URL {
		constructor(href) { this.href = href; this.protocol = 'file:'; this.hostname = ''; this.pathname = href.slice(7); }
		get search() { return ''; }
		get hash() { return ''; }
		toString() { return this.href; }
	}

	Object.assign(globalThis, {DOMException, AbortController, AbortSignal, URL});
`;

/** A copy, as Jest gives to each file: what a test replaces there stays there. */
const copyOfProcess = () => Object.create(process, {nextTick: {value: process.nextTick, writable: true}});

/** Creates a context with timers and a `process`, and with `web` with foreign classes of the web. */
const createContext = ({web = true, ...globals} = {}) => {
	const context = vm.createContext({...jsdomTimers(), process: copyOfProcess(), console, Buffer, ...globals});
	if (web) {
		vm.runInContext(WEB_CLASSES, context);
	}

	return context;
};

/** Runs a file of the package, and the files that it requires, in a context. Returns its exports. */
const loadIn = (context, file = require.resolve('p-lanes'), modules = new Map()) => {
	if (modules.has(file)) {
		return modules.get(file).exports;
	}

	const require = createRequire(file);
	const requireInContext = name => {
		if (/^(node:)?process$/.test(name)) {
			return context.process;
		}

		const resolved = require.resolve(name);
		const isSource = !isBuiltin(name) && !/\.(node|json)$/.test(resolved);
		return isSource ? loadIn(context, resolved, modules) : require(name);
	};
	requireInContext.resolve = require.resolve;
	const module = {exports: {}};
	modules.set(file, module);
	const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`;
	const run = vm.runInContext(source, context, {filename: file});
	run(module.exports, requireInContext, module, file, path.dirname(file));
	return module.exports;
};

module.exports = {createContext, loadIn};
