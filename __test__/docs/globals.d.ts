// The types of what ts blocks find as globals; tools.mjs makes them.

declare const limit: import('p-lanes').Limit;
declare const pLimit: typeof import('p-lanes').default;
