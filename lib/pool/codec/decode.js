'use strict';

// Decodes values from another thread.

const {skip} = require('../../common/skip.js');
const {deserialize} = require('./clone.js');
const {restoreErrors} = require('./errors.js');
const {kinds} = require('./kinds.js');
const {join} = require('./pieces.js');

const {parse} = JSON;

const decode = (kind, payload) => {
	switch (kind) {
		case kinds.nothing:
			return undefined;
		case kinds.json:
		case kinds.bundle:
			return parse(payload);
		case kinds.bundleOfNothing:
			return Array.from({length: Number(payload)});
		case kinds.bundleOfKinds:
			return deserialize(payload).map(([kind, payload]) => decode(kind, payload));
		case kinds.skip:
			return skip;
		case kinds.text:
		case kinds.oneByteText:
			return payload;
		case kinds.bytes:
			return new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength);
		case kinds.clone:
			return deserialize(payload);
		case kinds.pieces:
			return restoreErrors(...join(deserialize(payload)));
		default:
			return restoreErrors(...deserialize(payload));
	}
};

module.exports = {decode};
