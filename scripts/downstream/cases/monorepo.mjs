// Tools for repositories with several packages. They read, hash or publish one package a call.

const range = length => Array.from({length}, (_, index) => index);

const json = value => `${JSON.stringify(value, null, 2)}\n`;

const packageJson = (index, more = {}) =>
	json({
		name: `package-${index}`,
		version: `1.${index}.0`,
		dependencies: index > 0 ? {[`package-${index - 1}`]: `^1.${index - 1}.0`} : {},
		...more,
	});

const commit = [
	['git', 'init', '--quiet'],
	['git', 'add', '--all'],
	['git', 'commit', '--quiet', '--message=first'],
];

const workspace = {
	'package.json': json({
		name: 'root',
		version: '0.0.0',
		private: true,
		workspaces: ['packages/*'],
		repository: {url: 'https://example.com/a/b.git'},
	}),
	'.gitignore': 'node_modules\n',
};

// Runs a command with a registry on this machine that has no package yet, and takes all that are published.
const registry = `
const http = require('node:http');
const {spawn} = require('node:child_process');
const [program, ...args] = process.argv.slice(2);
const published = [];
const server = http.createServer((request, response) => {
	const chunks = [];
	request.on('data', chunk => chunks.push(chunk)).on('end', () => {
		if (request.method === 'PUT') {
			const {name, versions} = JSON.parse(Buffer.concat(chunks));
			published.push(name + '@' + Object.keys(versions));
			response.writeHead(201).end('{}');
		} else {
			response.writeHead(404, {'content-type': 'application/json'}).end('{"error": "not found"}');
		}
	});
}).listen(0, '127.0.0.1', () => {
	const url = 'http://127.0.0.1:' + server.address().port + '/';
	require('node:fs').writeFileSync('.npmrc', 'registry=' + url + '\\n//127.0.0.1:' + server.address().port + '/:_authToken=none\\nprovenance=false\\n');
	spawn(program, [...args, ...(program === 'beachball' ? ['--registry', url] : [])], {
		stdio: ['ignore', 'inherit', 'inherit'],
		env: {...process.env, npm_config_registry: url},
	}).on('exit', code => {
		process.exitCode = code;
		server.close();
		server.closeAllConnections();
		console.log('published ' + published.sort().join(' '));
	});
});
`;

const changesets = {
	packages: {'@changesets/cli': '2.29.8'},
	does: 'raises the versions of 8 packages, writes their changelogs, and publishes them to a registry on the machine',
	files: {
		...workspace,
		'package-lock.json': '{"lockfileVersion": 3, "packages": {}}\n',
		...Object.fromEntries(range(8).map(index => [`packages/${index}/package.json`, packageJson(index)])),
		...Object.fromEntries(
			range(8).map(index => [
				`.changeset/change-${index}.md`,
				`---\n"package-${index}": ${index % 3 === 0 ? 'minor' : 'patch'}\n---\n\nChange ${index} of a package\n`,
			]),
		),
		'.changeset/config.json': json({
			changelog: '@changesets/changelog-git',
			commit: false,
			access: 'public',
			baseBranch: 'main',
			updateInternalDependencies: 'patch',
			ignore: [],
		}),
		'with-registry.cjs': registry,
	},
	steps: [
		...commit,
		['changeset', 'status', '--output', 'status.json'],
		['changeset', 'version'],
		['node', 'with-registry.cjs', 'changeset', 'publish'],
		['git', 'tag'],
	],
	sortLines: true,
	scrub: [[/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT']],
};

const beachball = {
	packages: {beachball: '2.60.1'},
	does: 'checks and raises the versions of 8 packages, writes their changelogs, and publishes them to a registry on the machine',
	files: {
		...workspace,
		'package-lock.json': '{"lockfileVersion": 3, "packages": {}}\n',
		...Object.fromEntries(range(8).map(index => [`packages/${index}/package.json`, packageJson(index)])),
		...Object.fromEntries(
			range(8).map(index => [
				`change/package-${index}.json`,
				json({
					type: index % 3 === 0 ? 'minor' : 'patch',
					comment: `change ${index}`,
					packageName: `package-${index}`,
					email: 'a@example.com',
					dependentChangeType: 'patch',
				}),
			]),
		),
		'beachball.config.js': 'module.exports = {fetch: false, generateChangelog: true};\n',
		'with-registry.cjs': registry,
	},
	steps: [
		...commit,
		['node', 'with-registry.cjs', 'beachball', 'publish', '--no-fetch', '--yes', '--no-push', '--branch', 'main'],
	],
	sortLines: true,
	scrub: [
		[/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT'],
		[/publish_\d+/g, 'publish_TIME'],
		[/\bin \d+m?s\b/g, 'in TIME'],
		[/\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]+ GMT/g, 'DATE'],
	],
};

const lage = {
	packages: {lage: '1.9.6', 'backfill-cache': '5.6.1'},
	does: 'builds 8 packages in the order of their dependencies, then takes them all from the cache',
	files: {
		...workspace,
		'yarn.lock': '# yarn lockfile v1\n',
		'lage.config.js': `module.exports = {npmClient: 'npm', concurrency: 3, cache: true, pipeline: {build: ['^build']}, cacheOptions: {incrementalCaching: true, outputGlob: ['lib/**']}};\n`,
		...Object.fromEntries(
			range(8).flatMap(index => [
				[`packages/${index}/package.json`, packageJson(index, {scripts: {build: 'node build.js'}})],
				[
					`packages/${index}/build.js`,
					`const fs = require('fs'); fs.mkdirSync('lib', {recursive: true}); for (let i = 0; i < 20; i++) fs.writeFileSync('lib/' + i + '.js', 'exports.text = "${index} " + ' + i);\n`,
				],
			]),
		),
	},
	steps: [
		...commit,
		['lage', 'build', '--reporter', 'json'],
		['node', '-e', 'for (let i = 0; i < 8; i++) fs.rmSync("packages/" + i + "/lib", {recursive: true})'],
		['lage', 'build', '--reporter', 'json'],
	],
	// lage keeps no cache where it thinks that it runs in CI.
	env: {CI: ''},
	scrub: [
		[/"duration":"[^"]*"/g, '"duration":0'],
		[/"timestamp":\d+/g, '"timestamp":0'],
	],
};

export default [changesets, beachball, lage];
