// Every way to use the package, in an environment of Jest.

const {ways} = require(process.env.P_LANES_WAYS);
const exported = require('p-lanes');

test.each(ways)('%s', async (_name, way) => {
	await way(exported, globalThis);
});
