'use strict';

module.exports = {
	'A whole program': {
		before: `
			const asked = [];
			globalThis.server = {close: () => tell('closed')};
			globalThis.query = async (id, {signal}) => { asked.push(id); throw new Error('no answer for ' + id); };
			globalThis.urls = (async function* () { yield* range(3); await new Promise(() => {}); })();
			globalThis.stored = [];
			globalThis.store = async page => { await tick(); stored.push(page); };
			let downloaded;
			const aborted = [];
			globalThis.download = async (url, {signal}) => {
				if (url === 0) return 'page 0';
				if (url === 1) return new Promise(resolve => { downloaded = () => resolve('page 1'); });
				return new Promise((_, reject) => signal.addEventListener('abort', () => { aborted.push(url); reject(signal.reason); }));
			};
			process.on('exit', code => tell([code, asked, stored, aborted]));
			const forEver = setInterval(() => {}, 60_000);`,
		edit: block =>
			block.replace('20_000', '200').replace("console.log('not finished', left.online, left.offline)", 'tell(left)'),
		behind: `
			const told = ({code, message}) => tell(code ?? message);
			const call = getUser(1).catch(told);
			while (stored.length === 0 || asked.length === 0) await tick();
			await tick();
			limit.pauseFor(3_600_000);
			getUser(2).catch(told);
			process.kill(process.pid, 'SIGTERM');
			await call;
			downloaded();`,
		expected: [
			'closed',
			'ERR_LIMIT_CLOSED',
			'no answer for 1',
			{
				isIdle: false,
				online: {active: 0, dropped: 1, labels: []},
				offline: {active: 1, dropped: 0, labels: [{label: '(anonymous)', count: 1}]},
				abandoned: [],
			},
			[0, [1], ['page 0', 'page 1'], [2]],
		],
	},
};
