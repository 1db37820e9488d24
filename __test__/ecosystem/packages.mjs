// The tarballs that rows install: what this checkout would publish, for the platform of this machine.

import {packAll} from '../../scripts/packages/pack.mjs';

/** Packs the packages into a folder, and returns the paths of the tarballs: that of `p-lanes` first. */
export const pack = folder => packAll({out: folder, onlyThisPlatform: true});
