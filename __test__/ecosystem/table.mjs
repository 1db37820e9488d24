// The results as the tables of docs/install.md: one for each group.

const GROUPS = [
	['runtime', 'Runtimes'],
	['browser', 'Browsers'],
	['package manager', 'Package managers'],
	['bundler', 'Bundlers'],
	['test runner', 'Test runners'],
];

const lineOf = ({row, version, uses = '', notes = ''}) =>
	`| ${[row.title, version, uses, row.how ?? '', notes].join(' | ')} |`;

export const markdown = results =>
	GROUPS.map(([group, title]) => [title, results.filter(({row}) => row.group === group)])
		.filter(([, of]) => of.length > 0)
		.map(([title, of]) =>
			[
				`### ${title}`,
				'',
				'| | version | runs on | you do | not there |',
				'|---|---|---|---|---|',
				...of.map(lineOf),
				'',
			].join('\n'),
		)
		.join('\n');
