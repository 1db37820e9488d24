// A reporter of `node --test`: the path of the file of each test that failed, one a line.

/** @param {AsyncIterable<{type: string, data: {file?: string, name: string}}>} events */
export default async function* failedFiles(events) {
	for await (const {type, data} of events) {
		if (type === 'test:fail') {
			yield `${data.file ?? data.name}\n`;
		}
	}
}
