import { TestDriver } from "../../../local/simulator/test-driver.ts";
import {
  type Application,
  application,
  type DurationMs,
  epochMs,
  type Flow,
  lake,
  type MillraceError,
  pipeline,
  type Stream,
  stream,
  trusted,
} from "../../../shared/index.ts";
import { Fold } from "../../../shared/operators/fold.ts";
import type { Stage } from "../../../shared/operators/stage.ts";
import { planApplication } from "../../../shared/plan/planner.ts";

/** 2024-01-01T12:00:00Z */
export const NOON = 1_704_110_400_000;

/** The events of these tests. What is in them is whatever a test puts there. */
export type Thing = {
  readonly id: string;
  readonly k: string;
  readonly at: number;
  readonly n: number;
};

/** Of an event no more than a test says: else it is of key "a", at noon, with `n` 1. */
export type Said = { readonly [field: string]: unknown };
export const thing = (id: string, said: Said): Thing => ({ id, k: "a", at: NOON, n: 1, ...said });

export const things = (
  options: { readonly outOfOrder?: DurationMs; readonly partitions?: number } = {},
): Stream<Thing> =>
  stream("things", { schema: trusted<Thing>(), time: "at", key: "k", partitions: 1, ...options });

export type Rows = { to(sink: ReturnType<typeof lake>): void };
export type Build = (things: Flow<Thing>) => Readonly<Record<string, Rows>>;
type Planned = { readonly outOfOrder?: DurationMs; readonly partitions?: number };
type Options = Planned & {
  readonly end?: boolean;
  /** The rows of tables that are looked up. */
  readonly lookups?: Readonly<Record<string, readonly unknown[] | string>>;
};

/**
 * Sends events one by one, each a `thing`, then ends the input.
 * Each flow that `build` gives is written to a lake table of that name.
 */
export async function given(
  events: readonly Said[],
  build: Build,
  { end = true, lookups = {}, ...options }: Options = {},
): Promise<TestDriver> {
  const driver = await TestDriver.create(appOf(build, options), { lookups });
  for (const [i, event] of events.entries()) await driver.feed("things", [thing(`e${i}`, event)]);
  if (end) await driver.end();
  return driver;
}

export function appOf(build: Build, options: Planned = {}): Application {
  const source = things(options);
  const built = pipeline("p", (p) => {
    for (const [table, flow] of Object.entries(build(p.from(source)))) flow.to(lake(table));
  });
  return application("test", { streams: [source], pipelines: [built] });
}

/** The stages that do not write files, in order: what keeps state. */
export const stagesOf = (build: Build, options: Planned = {}): Stage[] =>
  [...planApplication(appOf(build, options)).stages.values()].filter(({ kind }) => kind === "stage");

/** The first stage once it has folded events: what it keeps, and how much. */
export function foldOf(events: readonly Said[], build: Build, options: Planned = {}): Fold {
  const [stage] = stagesOf(build, options);
  if (stage === undefined) throw new Error("there is no stage");
  const fold = new Fold(stage, { codeVersion: "c" });
  for (const [i, event] of events.entries()) {
    const one = thing(`e${i}`, event);
    fold.event(one.id, epochMs(one.at), one.k, one, options.outOfOrder ?? 0);
  }
  return fold;
}

/** The code with which a pipeline is refused. */
export const refusal = (build: Build, options: Planned = {}): string =>
  codeOf(() => stagesOf(build, options));

/** The code of what is thrown. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as MillraceError).code;
  }
  return "none";
}

/** A window's bounds, in milliseconds from noon, how it was told, and one aggregate. */
export const panes = (driver: TestDriver, table: string, aggregate: string): string[] =>
  driver
    .lake<Record<string, unknown> & Told>(table)
    .map(
      (row) =>
        `${row.window.start - NOON}..${row.window.end - NOON} ${row.pane.index} ${row.pane.timing} ${JSON.stringify(row[aggregate])}`,
    );

type Told = {
  readonly window: { readonly start: number; readonly end: number };
  readonly pane: { readonly index: number; readonly timing: string };
};

/** One field of the rows of a table, in order. */
export const field = (driver: TestDriver, table: string, name: string): unknown[] =>
  driver.lake<Record<string, unknown>>(table).map((row) => row[name]);

/** What operators threw, as operator and code. */
export const failures = (driver: TestDriver): string[] =>
  driver.failed().map(({ operator, error }) => `${operator} ${error.code}`);
