// The plugins of webpack that use p-limit: they minify or copy one file a call.

const range = length => Array.from({length}, (_, index) => index);

const sources = Object.fromEntries(
	range(12).map(index => [
		`src/entry-${index}.js`,
		`/*! licence of entry ${index} */
import {sum} from './sum.js';
/** Is taken out. */
const numbers = [${range(index + 3).join(', ')}];
export function addAllOfEntry(parameterWithALongName) {
	const resultWithALongName = sum(numbers) + parameterWithALongName * ${index};
	if (false) { console.log('never'); }
	return {resultWithALongName, text: \`entry ${index}: \${resultWithALongName}\`};
}
console.log(addAllOfEntry(${index}));
`,
	]),
);

const build = `
const webpack = require('webpack');
const {config} = require('./webpack.config.cjs');

(async () => {
	const configs = config();
	for (const [index, one] of configs.entries()) {
		await new Promise((resolve, reject) => {
			webpack({mode: 'production', context: __dirname, cache: false, ...one, output: {filename: '[name].js', path: __dirname + '/dist/' + index}}, (error, stats) => {
				if (error) {
					reject(error);
					return;
				}

				const {assets, errors, warnings} = stats.toJson({all: false, assets: true, errors: true, warnings: true});
				for (const {name, size} of assets.sort((a, b) => a.name < b.name ? -1 : 1)) {
					console.log(name, size);
				}

				console.log(errors.map(({message}) => message), warnings.map(({message}) => message));
				resolve();
			});
		});
	}
})();
`;

const steps = [['node', 'build.cjs']];
const webpack = '5.94.0';

const entries = `Object.fromEntries([${range(12).join(', ')}].map(index => ['entry-' + index, './src/entry-' + index + '.js']))`;
const base = {
	...sources,
	'src/sum.js': 'export const sum = numbers => numbers.reduce((a, b) => a + b, 0);\n',
	'build.cjs': build,
};

const terser = {
	...base,
	'webpack.config.cjs': `
const TerserPlugin = require('terser-webpack-plugin');
const broken = compiler => compiler.hooks.thisCompilation.tap('Broken', compilation => {
	compilation.hooks.processAssets.tap({name: 'Broken', stage: -2000}, () => {
		compilation.emitAsset('broken.js', new compiler.webpack.sources.RawSource('this is (not JavaScript'));
	});
});
exports.config = () => [1, 2, false].map(parallel => ({
	entry: ${entries},
	devtool: 'source-map',
	plugins: parallel === 1 ? [{apply: broken}] : [],
	optimization: {minimize: true, minimizer: [new TerserPlugin({parallel})]},
}));
`,
};

const copy = {
	...base,
	...Object.fromEntries(range(60).map(index => [`assets/${index % 5}/file-${index}.txt`, `text ${index}\n`])),
	'webpack.config.cjs': `
const CopyPlugin = require('copy-webpack-plugin');
exports.config = () => [1, 7, 100].map(concurrency => ({
	entry: './src/entry-1.js',
	plugins: [new CopyPlugin({
		options: {concurrency},
		patterns: [
			{from: 'assets', to: 'copied'},
			{from: 'assets/1', to: 'changed', transform: async bytes => String(bytes).toUpperCase()},
			{from: 'assets/2/*.txt', to: '[name].[contenthash][ext]'},
			{from: 'none', noErrorOnMissing: concurrency > 1},
		],
	})],
}));
`,
};

const css = {
	...base,
	...Object.fromEntries(
		range(20).map(index => [
			`styles/style-${index}.css`,
			`/* style ${index} */\n.a${index} { color: #ff0000; margin: 0px ${index}px 0px ${index}px; }\n.a${index} { padding: 0 }\n`,
		]),
	),
	'webpack.config.cjs': `
const CopyPlugin = require('copy-webpack-plugin');
const CssMinimizerPlugin = require('css-minimizer-webpack-plugin');
exports.config = () => [1, 2, false].map(parallel => ({
	entry: './src/entry-1.js',
	plugins: [new CopyPlugin({patterns: ['styles']})],
	optimization: {minimize: true, minimizer: [new CssMinimizerPlugin({parallel})]},
}));
`,
};

export default [
	{
		packages: {'terser-webpack-plugin': '4.2.3', webpack: '4.47.0'},
		does: 'minifies 12 bundles with source maps, in workers and without',
		files: {
			...terser,
			'webpack.config.cjs': terser['webpack.config.cjs']
				.replace(/const broken[\s\S]*?\n}\);\n/, '')
				.replace(/\tplugins: .*\n/, ''),
		},
		steps,
	},
	{
		packages: {'terser-webpack-plugin': '5.1.1', webpack},
		does: 'minifies 12 bundles and a broken one with source maps, in workers and without',
		files: terser,
		steps,
	},
	{packages: {'copy-webpack-plugin': '8.1.1', webpack}, does: 'copies and changes 60 files', files: copy, steps},
	{
		packages: {'css-minimizer-webpack-plugin': '2.0.0', 'copy-webpack-plugin': '8.1.1', webpack},
		does: 'minifies 20 style sheets, in workers and without',
		files: css,
		steps,
	},
];
