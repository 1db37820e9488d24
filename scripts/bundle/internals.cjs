// Preloaded where specs run on the bundle: what they require of `lib/` is what the bundle evaluates, and not a second copy
// from the sources. The variable P_LANES_PARTS has the part of each source file; a thread with an environment of its own
// lacks it, and requires nothing of `lib/`.

const Module = require('node:module');
const path = require('node:path');
const process = require('node:process');

const root = path.join(__dirname, '../..');
const specs = path.join(root, '__test__') + path.sep;
const parts = JSON.parse(process.env.P_LANES_PARTS ?? '{}');

const load = Module._load;

Module._load = (request, parent, isMain) => {
	if (request.startsWith('.') && parent?.filename?.startsWith(specs)) {
		const file = path.resolve(path.dirname(parent.filename), request);
		const name = path.relative(root, file).split(path.sep).join('/');
		if (Object.hasOwn(parts, name)) {
			return require(path.join(root, 'dist', `${parts[name]}.js`))[name]();
		}
	}

	return load(request, parent, isMain);
};
