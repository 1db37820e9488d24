'use strict';

// Posts values that only Node can clone, or that are transferred, through a MessagePort.

const {types} = require('node:util');
const {isDetached} = require('../../common/memory.js');
const {DOMException} = require('../../common/environment.js');
const {invalid} = require('../../common/errors.js');
const {decode} = require('./decode.js');
const {restoreErrors} = require('./errors.js');
const {kinds} = require('./kinds.js');
const {notCloneable} = require('./not-cloneable.js');
const {join} = require('./pieces.js');

/** The error codes of Node for a bad transfer list, and for a bad value. */
const isTransferError = ({name, code}) =>
	name === 'DataCloneError' ||
	code === 'ERR_INVALID_TRANSFER_OBJECT' ||
	code === 'ERR_MISSING_TRANSFERABLE_IN_TRANSFER_LIST';

/** The value of a body, which is the first part of the first piece if it is deep. */
const wholeOf = ({pieces, value}) => (pieces === undefined ? value : pieces[0][0]);

/** Returns the error to throw if Node refuses to post. The value itself was checked when it was copied. */
const postError = (error, {body, transfers = []}, transferList, name) => {
	if (!isTransferError(error)) {
		return error;
	}

	for (const each of transfers) {
		const refused = each.refusal(error);
		if (refused !== undefined) {
			return refused;
		}
	}

	return transferList.length > 0
		? invalid('transferList', 'objects that can be transferred, each once', transferList)
		: notCloneable(name, wholeOf(body), error);
};

/** Posts an encoded value, with other fields of the message. `readPosted` reads it. */
const post = (port, fields, encoded, name) => {
	const {body, transfers = []} = encoded;
	const transferList = transfers.flatMap(({list}) => list);
	try {
		if (transferList.some(item => types.isArrayBuffer(item) && isDetached(item))) {
			// Node 20 posts it, but can't read it.
			throw new DOMException('An ArrayBuffer is detached and could not be transferred.', 'DataCloneError');
		}

		port.postMessage({...fields, body}, transferList);
	} catch (error) {
		throw postError(error, encoded, transferList, name);
	}
};

/** Returns the value of a body that was received. */
const readBody = ({pieces, links, value, errors}) => {
	if (pieces !== undefined) {
		return restoreErrors(...join({pieces, links}));
	}

	return errors === undefined ? value : restoreErrors(value, errors);
};

/** Returns the value of a posted message. */
const readPosted = ({body}) =>
	body.results === undefined
		? readBody(body)
		: body.results.map(([kind, payload]) => (kind === kinds.port ? readBody(payload) : decode(kind, payload)));

module.exports = {post, readBody, readPosted};
