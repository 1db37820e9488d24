// A journal: a file with one line of JSON for each answer. It survives a kill at any moment.

import {open} from 'node:fs/promises';
import pLimit from 'p-lanes';

export class Journal {
	#file;
	#prompts = new Set();
	#oneAtATime = pLimit(1); // so that no two lines are mixed

	/** @throws {Error} The file can't be opened, or is no journal. */
	static async open(path) {
		const journal = new Journal();
		journal.#file = await open(path, 'a+');
		try {
			await journal.#read(path);
		} catch (error) {
			await journal.#file.close();
			throw error;
		}

		return journal;
	}

	async #read(path) {
		const text = await this.#file.readFile('utf8');
		// A kill may have cut the last line. It is no answer then, and the next line must not stand behind it.
		const whole = text.slice(0, text.lastIndexOf('\n') + 1);
		for (const [index, line] of whole.split('\n').slice(0, -1).entries()) {
			try {
				this.#prompts.add(JSON.parse(line).prompt);
			} catch {
				throw new Error(`${path}: line ${index + 1} is no answer; is this a journal?`);
			}
		}

		await this.#file.truncate(Buffer.byteLength(whole));
	}

	get size() {
		return this.#prompts.size;
	}

	has(prompt) {
		return this.#prompts.has(prompt);
	}

	/** Resolves when the answer is in the file. */
	async add(answer) {
		await this.#oneAtATime(() => this.#file.appendFile(`${JSON.stringify(answer)}\n`));
		this.#prompts.add(answer.prompt);
	}

	async close() {
		await this.#oneAtATime.onIdle();
		await this.#file.close();
	}
}
