/**
 * One change of an operator's state, as the commit log and snapshots keep it: the operator's id, what
 * kind of change, and its content. Applying the changes of all entries in order gives the state; so does
 * applying those of a snapshot.
 */
export type Change = readonly [operator: string, kind: string, ...content: unknown[]];
