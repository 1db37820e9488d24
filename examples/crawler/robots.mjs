// What a robots.txt says to all crawlers: as much of RFC 9309 as this example needs, and Crawl-delay.

/** Gives `allows(path)`, and the `delay` between two requests in milliseconds, if there is one. */
export const parseRobots = text => {
	const disallowed = [];
	let delay;
	let isForAll = false;
	for (const line of text.split('\n')) {
		const [, name, value] = /^\s*([\w-]+)\s*:\s*(.*?)\s*(?:#.*)?$/.exec(line) ?? [];
		switch (name?.toLowerCase()) {
			case 'user-agent':
				isForAll = value === '*';
				break;
			case 'disallow':
				if (isForAll && value !== '') {
					disallowed.push(value);
				}

				break;
			case 'crawl-delay':
				if (isForAll && Number(value) > 0) {
					delay = Number(value) * 1000;
				}

				break;
		}
	}

	return {delay, allows: path => !disallowed.some(prefix => path.startsWith(prefix))};
};
