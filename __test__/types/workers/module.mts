// A module of functions for the specs of typed pools.

import type {TaskContext} from 'p-lanes';

export default (task: number): number => task ** 2;

export const sum = async (numbers: readonly number[], {signal}: TaskContext): Promise<number> => {
	signal.throwIfAborted();
	return numbers.reduce((a, b) => a + b, 0);
};

export const greet = (name = 'you'): string => `hello ${name}`;

export const now = (): Date => new Date();

export const later: Promise<(text: string) => bigint> = Promise.resolve(BigInt);

export const version = 5;

export const setup = async (): Promise<void> => {};
