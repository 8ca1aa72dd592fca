/** A record's identity: `1` and `'1'` are two keys. Composite keys are arrays. */
export type Key = string | number | readonly (string | number)[]
