'use strict';

// Reads the event stream, and gives each limit and pool of a sample to its block.

/** The blocks, by kind and name. They stand in the order in which the process was given them. */
const blocks = new Map();

/** How many calls are listed. */
const MOST_LONGEST = 10;

const byId = id => document.getElementById(id);

const keyOf = ({kind, name}) => `${kind} ${name}`;

const blockOf = sample => {
	const key = keyOf(sample);
	if (!blocks.has(key)) {
		const block = createBlock(sample);
		blocks.set(key, block);
		byId('blocks').append(block.element);
	}

	return blocks.get(key);
};

/** Takes away the blocks that are in no sample any more: another process may have come to this port. */
const removeOthers = samples => {
	const keys = new Set(samples.map(keyOf));
	for (const [key, block] of blocks) {
		if (!keys.has(key)) {
			block.element.remove();
			blocks.delete(key);
		}
	}
};

/** Lists the calls that have run for the longest time, one at most of each lane. */
const showLongest = samples => {
	const longest = samples
		.filter(({kind}) => kind !== 'keyed')
		.flatMap(sample => ['online', 'offline'].map(lane => ({name: sample.name, lane, ...sample[lane].oldest})))
		.filter(({age}) => age !== undefined)
		.sort((a, b) => b.age - a.age)
		.slice(0, MOST_LONGEST);
	byId('longest').hidden = longest.length === 0;
	byId('longest')
		.querySelector('tbody')
		.replaceChildren(
			...longest.map(({label = '(in another thread)', name, lane, age}) =>
				element(
					'tr',
					'',
					element('td', 'name', label),
					element('td', 'name', name),
					element('td', '', element('span', `key ${lane}`, lane)),
					element('td', 'number', format.duration(age)),
				),
			),
		);
};

const show = sample => {
	const {pid, node, uptime} = sample.process;
	byId('process').textContent = `process ${pid} · Node ${node} · up ${format.duration(uptime * 1000)}`;
	removeOthers(sample.blocks);
	for (const block of sample.blocks) {
		blockOf(block).update(block, sample.time);
	}

	showLongest(sample.blocks);
};

const setStatus = (text, isLive) => {
	byId('status').textContent = text;
	document.body.classList.toggle('stale', !isLive);
};

// It connects again when the connection is lost.
const events = new EventSource('events');
events.addEventListener('open', () => setStatus('live', true));
events.addEventListener('error', () => setStatus('no connection; trying again', false));
events.addEventListener('message', ({data}) => show(JSON.parse(data)));
