// The tarballs that rows install: what this checkout would publish.

import {packInto} from '../../scripts/bundle/pack.mjs';

/** Packs the package into a folder. Resolves to the paths of the tarballs. */
export const pack = async folder => [await packInto(folder)];
