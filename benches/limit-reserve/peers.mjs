// The limits compared: ours by its reserve, and p-queue with priorities. Each gives `{online, offline}`.

const reserving = options => ({
	isPackage: false,
	load: () => import('../../index.mjs'),
	lanes({default: pLimit}, concurrency) {
		const {online, offline} = pLimit({concurrency, ...options});
		return {online, offline};
	},
});

export const peers = {
	auto: reserving({}),
	wait: reserving({reserve: {wait: 5}}),
	one: reserving({reserve: 1}),
	'p-queue': {
		load: () => import('p-queue'),
		lanes({default: PQueue}, concurrency) {
			const queue = new PQueue({concurrency});
			return {online: task => queue.add(task, {priority: 1}), offline: task => queue.add(task)};
		},
	},
};
