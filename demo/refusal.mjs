/** What the user can put right. The demo ends with its message alone; any other error is ours. */
export class Refusal extends Error {}
