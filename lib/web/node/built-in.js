'use strict';

// Built-in modules of Node that this environment may have although the package does not import them: an edge runtime
// with Node's modules, or a page that a test runner simulates in Node.

/** Returns the module, or undefined. A static import of a module that is missing would fail. */
const builtIn = name => globalThis.process?.getBuiltinModule?.(name);

module.exports = {builtIn};
