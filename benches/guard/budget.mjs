// The committed budget: how many instructions an operation may take, by platform and by line of Node, because each has another V8.

import {readFileSync, writeFileSync} from 'node:fs';
import process from 'node:process';
import {fileURLToPath} from 'node:url';

const file = fileURLToPath(new URL('budget.json', import.meta.url));
const platform = `${process.platform}-${process.arch}`;

/**
 * How far above its budget a path may be. The counts of one build differ by up to 1 % from run to run. A change that moves a
 * collection of garbage from one part to another adds up to 1.5 %.
 */
const TOLERANCE = 0.03;

const read = () => {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch (error) {
		if (error.code === 'ENOENT') {
			return {};
		}

		throw new Error(`${file} is no JSON; delete it and run npm run bench:guard -- --update`, {cause: error});
	}
};

/** `{node, paths}` of a line of Node on this platform: the version that was measured, and the instructions by path. */
export const budgetOf = line => ({paths: {}, ...read().budgets?.[platform]?.[line]});

export const toleranceOf = () => read().tolerance ?? TOLERANCE;

/** Writes what was measured, and leaves alone all that was not. */
export const updateBudget = (line, node, measured) => {
	const {tolerance = TOLERANCE, budgets} = read();
	const paths = {...budgetOf(line).paths, ...measured};
	const ofPlatform = {...budgets?.[platform], [line]: {node, paths}};
	const content = {unit: 'instructions per operation', tolerance, budgets: {...budgets, [platform]: ofPlatform}};
	writeFileSync(file, `${JSON.stringify(content, undefined, '\t')}\n`);
};
