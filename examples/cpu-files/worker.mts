// What runs in the threads of the pool: counts the words of a text file.

import {readFile} from 'node:fs/promises';

export interface Words {
	readonly total: number;
	readonly distinct: number;
	/** The most frequent words of five letters or more, with how often they occur. */
	readonly common: ReadonlyArray<readonly [word: string, count: number]>;
}

export default async (path: string): Promise<Words> => {
	const text = await readFile(path, 'utf8');
	const counts = new Map<string, number>();
	let total = 0;
	for (const [word] of text.toLowerCase().matchAll(/\p{Letter}+/gu)) {
		counts.set(word, (counts.get(word) ?? 0) + 1);
		total++;
	}

	const common = [...counts]
		.filter(([word]) => word.length >= 5)
		.sort(([, a], [, b]) => b - a)
		.slice(0, 3);
	return {total, distinct: counts.size, common};
};
