'use strict';

// What the doctor has found, as text.

const NONE = 'not known on this system';
const MARGIN = ' '.repeat(12);
const WIDTH = 100;

/** Breaks a text between words, behind a margin. */
const wrap = text => {
	const lines = [''];
	for (const word of text.split(' ')) {
		const line = lines.at(-1);
		if (line !== '' && MARGIN.length + line.length + 1 + word.length > WIDTH) {
			lines.push(word);
		} else {
			lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
		}
	}

	return lines.join(`\n${MARGIN}`);
};

const indented = text =>
	text
		.split('\n')
		.map(line => wrap(line))
		.join(`\n${MARGIN}`);

const mebibytes = bytes => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

const binaryLines = ({error, kind, file, bytes, fingerprint, isGiven, whyNotAddon}) => {
	if (error !== undefined) {
		return ['none was loaded'];
	}

	if (kind === 'wasm') {
		return ['WebAssembly: limits work, and what needs threads does not', ...whyNotAddon.split('\n')];
	}

	return [file, `${mebibytes(bytes)}, sources ${fingerprint || NONE}${isGiven ? ', given by P_LANES_BINARY' : ''}`];
};

const processorLines = ({model, cores, coresForThisProcess, features}) => {
	const counts = cores === coresForThisProcess ? `${cores} cores` : `${coresForThisProcess} of ${cores} cores`;
	const lacks = features?.missing.length > 0 ? `; without ${features.missing.join(' ')}` : '';
	return [`${model}, ${counts}`, `features: ${features ? `${features.present.join(' ') || 'none'}${lacks}` : NONE}`];
};

const row = (title, lines) => `${title.padEnd(MARGIN.length)}${lines.map(wrap).join(`\n${MARGIN}`)}`;

const testLines = ({name, passed, skipped, seen, milliseconds, advice}) => {
	if (skipped) {
		return `  --    ${name.padEnd(8)}${indented(seen)}`;
	}

	if (passed) {
		return `  ok    ${name.padEnd(8)}${seen} (${milliseconds} ms)`;
	}

	const lines = [`  FAIL  ${name}`, `${MARGIN}${indented(seen)}`];
	if (advice !== undefined) {
		lines.push(`${MARGIN}${indented(`what to do: ${advice}`)}`);
	}

	return lines.join('\n');
};

const verdict = tests => {
	if (tests.some(({passed}) => !passed)) {
		return 'p-lanes does not work here as it should; see above.';
	}

	return tests.some(({skipped}) => skipped)
		? 'p-lanes works here, but for what needs the addon (--).'
		: 'p-lanes works here.';
};

/** Returns the report for a terminal. */
const textReport = ({version, folder, binary, node, system, processor, libuvThreads, memory, tests}) => {
	const limited =
		memory.limit > 0 && memory.limit < memory.system ? `, ${mebibytes(memory.limit)} for this process` : '';
	return `${[
		row(`p-lanes`, [`${version}, in ${folder}`]),
		row('binary', binaryLines(binary)),
		row('Node', [`${node.version}, V8 ${node.v8}`, ...(node.options === '' ? [] : [`options: ${node.options}`])]),
		row('system', [
			[`${system.platform}-${system.arch}`, system.release, system.libc].filter(part => part !== undefined).join(', '),
		]),
		row('processor', processorLines(processor)),
		row('threads', [
			`a pool has ${processor.coresForThisProcess} by default, libuv ${libuvThreads} (UV_THREADPOOL_SIZE)`,
		]),
		row('memory', [`${mebibytes(memory.system)}${limited}`]),
		'',
		...tests.map(testLines),
		'',
		verdict(tests),
	].join('\n')}\n`;
};

module.exports = {textReport};
