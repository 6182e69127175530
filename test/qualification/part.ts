/** How much is run: `quick` in some minutes, to see that all parts work; `full` what a release is held to. */
export type Scale = "quick" | "full";

/** What a part found. */
export type Finding = {
  /** Whether all held. */
  readonly held: boolean;
  /** What it came to, in a sentence or two. */
  readonly sentence: string;
  readonly table?: Table;
};

/** Cells are Markdown; numbers are shown grouped and to the right. */
export type Table = {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
};

/** A part of the qualification: a command that anybody can run alone, and what its output says. */
export type Part = {
  /** As it is called after `--only`, and between the markers of docs/qualification.md. */
  readonly id: string;
  /** @param seeds - instead of as many as the scale has; only for parts that run seeds */
  readonly commands: (scale: Scale, seeds: number | undefined) => readonly Command[];
  /**
   * @param outputs - of the commands, in their order
   * @throws Error where an output is none that the command could give
   */
  readonly read: (outputs: readonly Output[]) => Finding;
};

/** A program with its arguments, run at the project's root. */
export type Command = readonly [program: string, ...args: string[]];

export type Output = { readonly code: number; readonly stdout: string };

/** A finding, and what it was found on. */
export type Recorded = Finding & {
  readonly commands: readonly string[];
  readonly seconds: number;
  /** `+` behind it: with changes that were not committed. */
  readonly commit: string;
  readonly date: string;
  readonly machine: string;
};
