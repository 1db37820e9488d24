// A process that loads a module and does nothing else. It says how long that took, and its resident memory.
//
//     node --expose-gc load.cjs [require|import MODULE]

const [how, name] = process.argv.slice(2);

const loads = {
	require: async () => require(name),
	import: () => import(name),
};

const measure = async () => {
	const start = performance.now();
	await loads[how]?.();
	const time = (performance.now() - start) * 1e6;
	globalThis.gc();
	console.log(JSON.stringify({time, resident: process.memoryUsage().rss}));
};

void measure();
