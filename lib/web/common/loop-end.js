'use strict';

// The end of the event loop: an environment without Node tells nobody of it.

const onLoopEnd = () => {};

module.exports = {onLoopEnd};
