import { type Versioned, versionOf } from "./versioned.ts";

/** By which input the rows of a name come. */
const INPUTS = { rows: 0, left: 0, right: 1, control: 1 } as const;
/** No stage has more inputs. */
const MOST_INPUTS = 2;

/** In which versions an operator keeps rows of its user's, under their names in errors and stamps. */
export type KeptRows = Readonly<Partial<Record<keyof typeof INPUTS, Versioned>>>;

/** What is said of the rows that come by an input. */
export const rowsBy = (kept: KeptRows, input: number): readonly [name: string, rows: Versioned] | undefined =>
  Object.entries(kept).find(([name]) => INPUTS[name as keyof KeptRows] === input);

/** The version of the rows that come by an input. */
export const rowVersion = (kept: KeptRows, input: number): number =>
  versionOf(rowsBy(kept, input)?.[1] ?? {});

/**
 * The edge by which rows of a version come to an input of a stage, so that what is on its way while code changes is read
 * as what it is. Those of version 1 come by the input's own number.
 */
export const edgeOf = (input: number, version: number): number => input + MOST_INPUTS * (version - 1);

/** The input to which an edge leads, and in which version. */
export const inputOf = (edge: number): number => edge % MOST_INPUTS;
export const versionOfEdge = (edge: number): number => Math.floor(edge / MOST_INPUTS) + 1;
