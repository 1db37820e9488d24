// Without the types of Node and of the web: no global name is added.

import 'p-lanes';

// @ts-expect-error none of Node
export type A = Buffer;
// @ts-expect-error none of the web
export type B = AbortSignal;
