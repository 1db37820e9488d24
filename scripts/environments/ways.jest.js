// Every way to use the package, in an environment of Jest.

const root = process.env.P_LANES;
const {ways} = require(`${root}/__test__/environment/ways.js`);
const exported = require(root);

test.each(ways)('%s', async (_name, way) => {
	await way(exported, globalThis);
});
