// Looks for bytes that break what reads them: decompression, hashing and jobs.
//
//     npm run test:fuzz [-- --seconds 60] [--seed 1] [--keep] [gzip brotli zstd roundtrip hash jobs]
//
// `--seconds` is for each target. All but `jobs` are libFuzzer's: Rust and C watched by AddressSanitizer, built by clang,
// as only that makes C tell libFuzzer where it was. `--keep` adds what reached anything new to the committed corpus, which
// `tests/corpus.rs` replays. An input that fails is left in `target/fuzz/failures`.

import {spawnSync} from 'node:child_process';
import {mkdirSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';

const TARGETS = ['gzip', 'brotli', 'zstd', 'roundtrip', 'hash'];
const TRIPLE = 'x86_64-unknown-linux-gnu';
const here = path.dirname(fileURLToPath(import.meta.url));
const target = path.join(path.dirname(here), 'target/fuzz');

/** Bytes of an input at most: enough for all that the formats have, and little to try. */
const LONGEST = 4096;

const {values, positionals} = parseArgs({
	options: {seconds: {type: 'string', default: '60'}, seed: {type: 'string'}, keep: {type: 'boolean'}},
	allowPositionals: true,
});
const seconds = Number(values.seconds);
const seed = Number(values.seed ?? 1 + Math.floor(Math.random() * 2 ** 31));
const asked = positionals.length > 0 ? positionals : [...TARGETS, 'jobs'];
const unknown = asked.find(name => name !== 'jobs' && !TARGETS.includes(name));
if (unknown !== undefined || !(seconds > 0) || !Number.isInteger(seed)) {
	throw new TypeError(`there is no target ${unknown}, or \`--seconds\` or \`--seed\` is no number`);
}

const run = (command, args, options) => {
	const {status, error} = spawnSync(command, args, {cwd: here, stdio: 'inherit', ...options});
	if (error !== undefined) {
		throw error;
	}

	return status === 0;
};

const build = () => {
	if (spawnSync('clang', ['--version']).error !== undefined) {
		throw new Error('the fuzz targets need clang: `apt-get install clang`');
	}

	const coverage = ['level=4', 'inline-8bit-counters', 'pc-table', 'trace-compares'];
	const variable = TRIPLE.replaceAll('-', '_');
	const env = {
		...process.env,
		RUSTC_BOOTSTRAP: '1',
		CARGO_TARGET_DIR: target,
		RUSTFLAGS: [
			'-Zsanitizer=address -Cpasses=sancov-module',
			...coverage.map(option => `-Cllvm-args=-sanitizer-coverage-${option}`),
			'--cfg fuzzing',
		].join(' '),
		[`CC_${variable}`]: 'clang',
		[`CXX_${variable}`]: 'clang++',
		[`CFLAGS_${variable}`]: '-fsanitize=address,fuzzer-no-link -fno-omit-frame-pointer -g1',
	};
	if (!run('cargo', ['build', '--locked', '--release', '--target', TRIPLE], {env})) {
		throw new Error('the fuzz targets could not be built');
	}
};

/** Runs a target of libFuzzer; whether it found nothing. */
const fuzz = name => {
	const binary = path.join(target, TRIPLE, 'release', name);
	const [found, failures] = ['found', 'failures'].map(folder => path.join(target, folder, name));
	const kept = path.join(here, 'corpus', name);
	for (const folder of [found, failures]) {
		mkdirSync(folder, {recursive: true});
	}

	const isWell = run(binary, [
		`-max_total_time=${seconds}`,
		`-seed=${seed}`,
		`-max_len=${LONGEST}`,
		'-timeout=60',
		'-rss_limit_mb=4096',
		'-verbosity=0',
		'-print_final_stats=1',
		`-artifact_prefix=${failures}/`,
		found,
		kept,
	]);
	if (isWell && values.keep) {
		run(binary, ['-merge=1', `-max_len=${LONGEST}`, kept, found], {stdio: 'ignore'});
	}

	return isWell;
};

const native = asked.filter(name => name !== 'jobs');
if (native.length > 0) {
	build();
}

console.log(`seed ${seed}, ${seconds} seconds for each target`);
const failed = asked.filter(name => {
	console.log(`\n${name}`);
	return name === 'jobs'
		? !run(process.execPath, [path.join(here, 'jobs/run.js'), String(seconds), String(seed)])
		: !fuzz(name);
});
if (failed.length > 0) {
	console.error(`\nfuzz: ${failed.join(', ')} failed`);
	process.exit(1);
}
