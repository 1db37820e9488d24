// @graphql-tools/load reads one file a call.

const files = {
	...Object.fromEntries(
		Array.from({length: 40}, (_, index) => [
			`schema/folder-${index % 4}/type-${index}.graphql`,
			`type Type${index} {\n\tid: ID!\n\tnext: Type${(index + 1) % 40}\n}\n\nextend type Query {\n\ttype${index}(id: ID!): Type${index}\n}\n`,
		]),
	),
	'schema/query.graphql': 'type Query {\n\tversion: String\n}\n',
	'broken/broken.graphql': 'type {\n',
	'run.cjs': `
const {loadSchema, loadDocuments} = require('@graphql-tools/load');
const {GraphQLFileLoader} = require('@graphql-tools/graphql-file-loader');
const {printSchema, lexicographicSortSchema} = require('graphql');

const loaders = [new GraphQLFileLoader()];
(async () => {
	// Without \`sort\` the types come in the order in which the files were read.
	console.log(printSchema(await loadSchema('schema/**/*.graphql', {loaders, sort: true})));

	const sources = await loadDocuments(['schema/folder-1/*.graphql', 'schema/query.graphql'], {loaders}).catch(error => error.message);
	console.log(Array.isArray(sources) ? sources.map(({location}) => location).sort() : sources);
	await loadSchema('broken/*.graphql', {loaders}).catch(error => console.log(error.message));
	await loadSchema('none/*.graphql', {loaders}).catch(error => console.log(error.message));
})();
`,
};

export default {
	packages: {'@graphql-tools/load': '8.1.6', '@graphql-tools/graphql-file-loader': '8.1.6', graphql: '16.12.0'},
	does: 'loads a schema of 41 files, and files that are broken or missing',
	files,
	steps: [['node', 'run.cjs']],
};
