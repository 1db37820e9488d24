'use strict';

// The kernels as the package exports them. The first call loads the rest, so a program that uses only the limit
// does not load it.

const hashes = () => require('./hash.js').hash;
const compression = () => require('./compress.js');

const hash = (...args) => hashes()(...args);
hash.map = (...args) => hashes().map(...args);
hash.files = (...args) => hashes().files(...args);

const compress = (...args) => compression().compress(...args);
compress.map = (...args) => compression().compress.map(...args);

const decompress = (...args) => compression().decompress(...args);
decompress.map = (...args) => compression().decompress.map(...args);

const configure = options => require('./configure.js').configure(options);

module.exports = {hash, compress, decompress, configure};
