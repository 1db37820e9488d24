'use strict';

// Drives a headless Chromium by its DevTools protocol, over two pipes: messages are JSON, each with a zero byte behind it.

const {execFileSync, spawn} = require('node:child_process');
const {EventEmitter, once} = require('node:events');
const {mkdtempSync, rmSync} = require('node:fs');
const {tmpdir} = require('node:os');
const path = require('node:path');

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const canRun = name => {
	try {
		execFileSync(name, ['--version'], {stdio: 'ignore', timeout: 60_000});
		return true;
	} catch {
		return false;
	}
};

/** The browser to test in, or undefined if none is installed. */
const findBrowser = () => [process.env.CHROMIUM, ...NAMES].filter(name => name !== undefined).find(canRun);

class Browser extends EventEmitter {
	#folder = mkdtempSync(path.join(tmpdir(), 'p-lanes-browser-'));
	#child;
	#answers = new Map();
	#lastId = 0;
	#unread = '';
	#session;
	#target;

	/** What pages have written to their consoles, and what the browser has refused them. */
	messages = [];

	constructor(name) {
		super();
		this.#child = spawn(
			name,
			['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe', `--user-data-dir=${this.#folder}`],
			{stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe']},
		);
		this.#child.stdio[4].setEncoding('utf8').on('data', text => this.#read(text));
	}

	/** Opens a page in the place of the last one, and returns once its document is loaded. */
	async open(url, {width = 1200, height = 900, isDark = false} = {}) {
		if (this.#target !== undefined) {
			await this.#call('Target.closeTarget', {targetId: this.#target});
		}

		const {targetId} = await this.#call('Target.createTarget', {url: 'about:blank'});
		this.#target = targetId;
		this.#session = (await this.#call('Target.attachToTarget', {targetId, flatten: true})).sessionId;
		for (const domain of ['Page', 'Runtime', 'Log']) {
			await this.call(`${domain}.enable`);
		}

		await this.call('Emulation.setDeviceMetricsOverride', {width, height, deviceScaleFactor: 1, mobile: width < 600});
		await this.call('Emulation.setEmulatedMedia', {
			features: [{name: 'prefers-color-scheme', value: isDark ? 'dark' : 'light'}],
		});
		const loaded = once(this, 'Page.loadEventFired');
		await this.call('Page.navigate', {url});
		await loaded;
	}

	/** Calls a method of the protocol for the page that was opened last. */
	call(method, params) {
		return this.#call(method, params, this.#session);
	}

	/** Returns what an expression gives in the page. Waits for a promise. */
	async evaluate(expression) {
		const {result, exceptionDetails} = await this.call('Runtime.evaluate', {
			expression,
			awaitPromise: true,
			returnByValue: true,
		});
		if (exceptionDetails !== undefined) {
			throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
		}

		return result.value;
	}

	/** Returns what an expression gives once it gives something true. */
	waitFor(expression) {
		return this.evaluate(`new Promise(resolve => {
			const look = () => {
				const value = ${expression};
				if (value) resolve(value); else setTimeout(look, 20);
			};
			look();
		})`);
	}

	async close() {
		const exit = once(this.#child, 'exit');
		this.#call('Browser.close').catch(() => {}); // ends all its processes
		await exit;
		rmSync(this.#folder, {recursive: true, force: true, maxRetries: 10});
	}

	#call(method, params = {}, sessionId = undefined) {
		const id = ++this.#lastId;
		this.#child.stdio[3].write(`${JSON.stringify({id, method, params, sessionId})}\0`);
		return new Promise((resolve, reject) => {
			this.#answers.set(id, {resolve, reject});
		});
	}

	#read(text) {
		const messages = (this.#unread + text).split('\0');
		this.#unread = messages.pop();
		for (const message of messages) {
			this.#take(JSON.parse(message));
		}
	}

	#take({id, result, error, method, params}) {
		if (id !== undefined) {
			const {resolve, reject} = this.#answers.get(id);
			this.#answers.delete(id);
			if (error === undefined) {
				resolve(result);
			} else {
				reject(new Error(error.message));
			}

			return;
		}

		if (method === 'Runtime.consoleAPICalled') {
			this.messages.push(params.args.map(({value}) => value).join(' '));
		} else if (method === 'Runtime.exceptionThrown') {
			this.messages.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
		} else if (method === 'Log.entryAdded') {
			this.messages.push(params.entry.text);
		}

		this.emit(method, params);
	}
}

module.exports = {Browser, findBrowser};
