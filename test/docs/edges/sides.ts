import * as z from "zod";
import { TestDriver } from "../../../local/simulator/test-driver.ts";
import type { Idleness } from "../../../shared/events/stream.ts";
import {
  application,
  type DurationMs,
  epochMs,
  type KeyedFlow,
  lake,
  minutes,
  pipeline,
  type Stream,
  stream,
  trusted,
} from "../../../shared/index.ts";
import { planApplication } from "../../../shared/plan/planner.ts";
import { type Build, codeOf, NOON, type Rows, type Thing, thing } from "./given.ts";

export type Keyed = KeyedFlow<string, Thing>;
type Join = (left: Keyed, right: Keyed) => Readonly<Record<string, Rows>>;

/** Both sides from one stream: left rows have an `n` above 0, right ones one below. */
export const bySign =
  (join: Join): Build =>
  (things) => {
    const keyed = things.keyBy("k");
    return join(
      keyed.filter(({ n }) => n > 0),
      keyed.filter(({ n }) => n < 0),
    );
  };
type Row = { readonly at: number; readonly n: number; readonly k: string };
export const row = (ms: number, n: number, k: string = "a"): Row => ({ at: NOON + ms, n, k });
/** Rows may come up to a minute out of order. */
export const patient: { readonly outOfOrder: DurationMs } = { outOfOrder: minutes(1) };

type Options = {
  readonly outOfOrder?: DurationMs;
  readonly idle?: Idleness;
  readonly end?: boolean;
};
/** `to` says which side an event goes to. */
type Sided = { readonly to: "left" | "right"; readonly [field: string]: unknown };

const sideOf = (id: "left" | "right", { end: _, ...options }: Options): Stream<Thing> =>
  stream(id, { schema: trusted<Thing>(), time: "at", key: "k", partitions: 1, ...options });

/** As `given`, with two streams, so that each side has a watermark of its own. The clock begins at noon, too. */
export async function facing(
  events: readonly Sided[],
  build: Join,
  options: Options = {},
): Promise<TestDriver> {
  const [left, right] = [sideOf("left", options), sideOf("right", options)];
  const joined = pipeline("p", (p) => {
    const flows = build(p.from(left).keyBy("k"), p.from(right).keyBy("k"));
    for (const [table, flow] of Object.entries(flows)) flow.to(lake(table));
  });
  const app = application("test", { streams: [left, right], pipelines: [joined] });
  const driver = await TestDriver.create(app, { start: epochMs(NOON) });
  for (const [i, { to, ...event }] of events.entries()) await driver.feed(to, [thing(`e${i}`, event)]);
  if (options.end !== false) await driver.end();
  return driver;
}

type Typed = { readonly text: string; readonly number: number; readonly at: number };
const Typed: z.ZodType<Typed> = z.strictObject({ text: z.string(), number: z.int(), at: z.int() });

/** The code with which a join of a text with a number is refused: schemas tell that they are two. */
export const refusalOfTwoTypes = (
  build: (text: KeyedFlow<string, Typed>, number: KeyedFlow<string, Typed>) => Rows,
): string =>
  codeOf(() => {
    const typed = stream("typed", { schema: Typed, time: "at", key: "text" });
    const joined = pipeline("p", (p) => {
      const flow = p.from(typed);
      build(flow.keyBy("text"), flow.keyBy("number") as never).to(lake("joined"));
    });
    planApplication(application("test", { streams: [typed], pipelines: [joined] }));
  });
