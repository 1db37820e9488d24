'use strict';

// Plain calls that publish what happens to them; see `observe/trace.js`.

const {Trace} = require('../observe/trace.js');
const {watch} = require('../common/promises.js');

/** Creates the class of such calls, from that of plain calls. */
const tracedCallOf = Call =>
	class TracedCall extends Call {
		constructor({fn, first, second, label}, gate, lane) {
			super(fn, first, second);
			this.trace = new Trace(gate, lane, label);
		}

		get label() {
			return this.trace.call.label;
		}

		run() {
			return this.trace.run(() => super.run());
		}

		follow(result, ends) {
			const {fulfilled, rejected} = this.trace.follow(ends);
			return watch(result, fulfilled, rejected);
		}

		value(result) {
			this.trace.settled('fulfilled');
			return result;
		}

		threw(error) {
			this.trace.settled('rejected', error);
		}

		drop(reason) {
			this.trace.settled('cleared', reason);
			super.drop(reason);
		}
	};

module.exports = {tracedCallOf};
