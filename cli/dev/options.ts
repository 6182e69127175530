import type { SampleName } from "../../local/dev/sample-names.ts";
import type { LogFilter } from "./log-tail.ts";

/** The options of `millrace dev`, as the command line gives them. */
export type DevOptions = {
  /** A module of pipelines that is run in the place of the folder's project. */
  readonly pipelines?: string;
  /** Files of tables that pipelines look up, by table. */
  readonly lookup: ReadonlyMap<string, string>;
  /** @default all; with a sample only errors */
  readonly logs?: LogFilter;
  /** False where changes are not to be followed. */
  readonly watch: boolean;
  readonly host: string;
  /** @default any free port; for a project, 4566 where that is free */
  readonly port?: number;
  /** The seed of faults of every kind; without it nothing goes wrong by itself. */
  readonly chaos?: number;
  readonly iam: "enforced" | "off";
  /** A folder in which data are kept over restarts. @default nowhere */
  readonly persist?: string;
  /** Where sinks are copied to, and the functions' log. */
  readonly output: string;
} & SampleOptions;

/** What is fed, and how: for the shipped pipelines only. */
export type SampleOptions = {
  /** @default flights */
  readonly sample?: SampleName;
  readonly once?: true;
  readonly keep?: true;
  readonly json?: true;
  readonly limit?: number;
  readonly rate?: number;
  readonly chaosKill?: number;
  readonly reshard?: true;
  readonly seed: number;
};

/** Those that ask for a sample. */
export const SAMPLE_OPTIONS: readonly (keyof SampleOptions)[] = [
  "sample",
  "once",
  "keep",
  "json",
  "limit",
  "rate",
  "chaosKill",
  "reshard",
];
