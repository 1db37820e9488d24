// Functions as properties of a default export, which is a promise.

const load = async () => ({
	first: <Item,>(list: readonly Item[]) => list[0],
	parse: (text: string): unknown => JSON.parse(text),
	size: 3,
});

export default load();

export const parse = (text: string): number => Number(text);
