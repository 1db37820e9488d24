// The C libraries of the targets, on which their Node runs: packages of Debian, unpacked into a folder. Nothing is
// installed.

import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {folder} from './targets.mjs';
import {run, versions} from './tools.mjs';

const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Returns the address of Debian's packages, as this system has it. */
const mirror = () => {
	if (process.env.DEBIAN_MIRROR !== undefined) {
		return process.env.DEBIAN_MIRROR;
	}

	const lists = execFileSync('apt-get', ['indextargets', '--format', '$(LABEL) $(REPO_URI)', 'Created-By: Packages'], {
		encoding: 'utf8',
	});
	const [, found] = /^Debian (\S+)$/m.exec(lists) ?? [];
	if (found === undefined) {
		throw new Error(
			'apt-get knows no mirror of Debian. Run `apt-get update`, or set DEBIAN_MIRROR to the address of one.',
		);
	}

	return found;
};

/** Downloads packages of a suite, with an apt-get that knows that suite alone. */
const download = (suite, packages, to) => {
	const own = path.join(folder, 'apt', suite);
	for (const name of ['state/lists/partial', 'cache/archives/partial']) {
		mkdirSync(path.join(own, name), {recursive: true});
	}

	writeFileSync(path.join(own, 'state/status'), '');
	writeFileSync(path.join(own, 'sources.list'), `deb [signed-by=${KEYS}] ${mirror()} ${suite} main\n`);
	const architectures = [...new Set(packages.map(name => name.split(':')[1]))];
	writeFileSync(
		path.join(own, 'apt.conf'),
		[
			`Dir::State "${own}/state/";`,
			`Dir::State::status "${own}/state/status";`,
			`Dir::Cache "${own}/cache/";`,
			`Dir::Etc::sourcelist "${own}/sources.list";`,
			'Dir::Etc::sourceparts "-";',
			`APT::Architecture "${architectures[0]}";`,
			`APT::Architectures {${architectures.map(name => `"${name}";`).join(' ')}};`,
			'APT::Sandbox::User "root";',
			'Acquire::Languages "none";',
			'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";',
		].join('\n'),
	);
	const options = {cwd: to, env: {...process.env, APT_CONFIG: path.join(own, 'apt.conf')}};
	run('apt-get', ['update', '-qq'], options);
	run('apt-get', ['download', '-qq', ...packages], options);
};

/** Returns the folder of a target's system. */
export const systemOf = name => {
	const {suite, packages} = versions.systems[name];
	const system = path.join(folder, 'systems', `${name}-${suite}`);
	if (!existsSync(system)) {
		const unpacked = `${system}.new`;
		rmSync(unpacked, {recursive: true, force: true});
		mkdirSync(unpacked, {recursive: true});
		download(suite, packages, unpacked);
		for (const file of readdirSync(unpacked).filter(each => each.endsWith('.deb'))) {
			run('dpkg-deb', ['-x', file, '.'], {cwd: unpacked});
		}

		if (!existsSync(path.join(unpacked, 'lib'))) {
			symlinkSync('usr/lib', path.join(unpacked, 'lib')); // as an installed system has it
		}

		renameSync(unpacked, system);
	}

	return system;
};

/** Returns the program that loads a target's programs, and the folders of its libraries. */
export const loaderOf = name => {
	const system = systemOf(name);
	const folders = ['lib', 'usr/lib'].flatMap(each =>
		readdirSync(path.join(system, each), {withFileTypes: true})
			.filter(below => below.isDirectory() && below.name.includes('-linux-'))
			.map(below => path.join(system, each, below.name)),
	);
	const loaders = folders.flatMap(each =>
		readdirSync(each)
			.filter(file => /^ld-linux-.*\.so\.\d$|^libc\.so$/.test(file))
			.map(file => path.join(each, file)),
	);
	return {loader: loaders[0], folders};
};
