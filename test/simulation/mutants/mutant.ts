import type { RunName } from "../scenarios.ts";

/** A rule of the protocol, and code that breaks it. */
export type Mutant = {
  readonly name: string;
  /** What holds where the fault is not planted, and the section of docs/design.md that says so. */
  readonly rule: string;
  readonly edits: readonly Edit[];
  /** The scenario that is to find it. @default "shop" */
  readonly scenario?: RunName;
  /** Nothing else goes wrong while it is looked for: among all faults, those that it takes seldom come together. @default some, by the seed */
  readonly faults?: readonly string[];
  /** A seed that found it, tried before all others. */
  readonly seed?: number;
};

/** `from` stands in `file` exactly once. */
export type Edit = { readonly file: string; readonly from: string; readonly to: string };
