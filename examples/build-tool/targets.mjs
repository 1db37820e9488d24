// Reads a build file, and checks all of it before anything is built.

import {readFile} from 'node:fs/promises';

const isStrings = value => Array.isArray(value) && value.every(item => typeof item === 'string');

/** Finds a circle of needs that is reached from a target: `['a', 'b', 'a']`, or `undefined`. */
const circleFrom = (targets, name, path, seen) => {
	if (path.includes(name)) {
		return [...path.slice(path.indexOf(name)), name];
	}

	if (seen.has(name)) {
		return undefined;
	}

	seen.add(name);
	for (const need of targets.get(name).needs) {
		const circle = circleFrom(targets, need, [...path, name], seen);
		if (circle !== undefined) {
			return circle;
		}
	}

	return undefined;
};

/**
 * The targets of a build file, by name: `{needs: [names], run: command}`.
 *
 * @throws {Error} The file can't be read or used. The message is for the user.
 */
export const readTargets = async file => {
	const content = JSON.parse(await readFile(file, 'utf8'));
	const targets = new Map();
	for (const [name, {needs = [], run}] of Object.entries(content)) {
		if (!isStrings(needs) || typeof run !== 'string') {
			throw new Error(`target '${name}' must be {"needs": [names], "run": "command"}`);
		}

		targets.set(name, {needs, run});
	}

	for (const [name, {needs}] of targets) {
		const unknown = needs.find(need => !targets.has(need));
		if (unknown !== undefined) {
			throw new Error(`target '${name}' needs '${unknown}', which is no target`);
		}
	}

	// Targets of a circle would wait for each other for ever.
	const seen = new Set();
	for (const name of targets.keys()) {
		const circle = circleFrom(targets, name, [], seen);
		if (circle !== undefined) {
			throw new Error(`targets need each other: ${circle.join(' -> ')}`);
		}
	}

	return targets;
};
