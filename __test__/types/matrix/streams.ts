// What needs the names of es2018 (async iterables) and of the disposables.

import pLimit, {Pool} from 'p-lanes';

export const read = async (source: AsyncIterable<number>): Promise<string[]> => {
	const results: string[] = [];
	await using limit = pLimit(1);
	for await (const text of limit.stream(source, item => String(item))) {
		results.push(text);
	}

	await using pool = new Pool();
	for await (const text of pool.stream<string>(source)) {
		results.push(text);
	}

	for await (const wrong of limit.stream(source, item => String(item))) {
		// @ts-expect-error no `any`
		wrong.nothing();
	}

	return results;
};
