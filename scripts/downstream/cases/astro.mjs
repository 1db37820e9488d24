// astro renders one page a call.

const files = {
	'package.json': '{"private": true, "type": "module"}\n',
	'astro.config.mjs': `import {defineConfig} from 'astro/config';\n\nexport default defineConfig({site: 'https://example.com', build: {concurrency: 4}, devToolbar: {enabled: false}});\n`,
	'src/layouts/Layout.astro': `---\nconst {title} = Astro.props;\n---\n<html><head><title>{title}</title></head><body><slot /></body></html>\n<style>body { color: #333333; }</style>\n`,
	'src/pages/index.astro': `---\nimport Layout from '../layouts/Layout.astro';\nconst pages = Array.from({length: 60}, (_, index) => index);\n---\n<Layout title="All">{pages.map(index => <a href={\`/page/\${index}\`}>{index}</a>)}</Layout>\n`,
	'src/pages/page/[number].astro': `---
import Layout from '../../layouts/Layout.astro';
export const getStaticPaths = () => Array.from({length: 60}, (_, index) => ({params: {number: String(index)}, props: {square: index * index}}));
await new Promise(resolve => setTimeout(resolve, Astro.props.square % 7));
---
<Layout title={\`Page \${Astro.params.number}\`}><p>{Astro.props.square}</p></Layout>
`,
	'src/pages/feed.json.js': `export const GET = () => new Response(JSON.stringify({items: [1, 2, 3]}));\n`,
	'src/pages/text.md': '# A heading\n\nText with *emphasis* and `code`.\n',
};

const toCase = (version, node) => ({
	packages: {astro: version},
	node,
	does: 'builds a site of 63 pages, four at a time',
	files,
	steps: [
		['astro', 'telemetry', 'disable'],
		['astro', 'build'],
	],
	// The lines of progress come in the order in which pages end, each with its duration.
	scrub: [[/^.*(?:\d\d:\d\d:\d\d|\+\d+m?s|\d+m?s\)).*\n/gm, '']],
	ignore: [/^\.astro\//],
});

export default [toCase('5.16.4'), toCase('6.0.0', '22.12')];
