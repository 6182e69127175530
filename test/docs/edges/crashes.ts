import { trial } from "../../../local/simulator/chaos.ts";
import { appOf, type Build, NOON } from "./given.ts";

/** What stops an environment between any two calls, wakes it too late, and gives it its input again. */
const TROUBLE = ["crash-before", "crash-after", "lost-response", "zombie", "duplicate", "rebatch"];
const CRASHES = ["crash-before", "crash-after"];
const SEED = 11;

type Options = NonNullable<Parameters<typeof appOf>[1]> & {
  /** What tables that are looked up have, one after the other. */
  readonly lookups?: Readonly<Record<string, readonly (readonly unknown[])[]>>;
  /** Events in a request. @default 1 */
  readonly atOnce?: number;
};

/**
 * The rows of a table, by its name, where the events that `given` would send go through crashes and repeats. What is
 * left behind is judged as in every run of `chaos`, against the reference interpreter too.
 * @throws where anything does not hold, and where nothing crashed
 */
export async function throughCrashes(
  events: readonly { readonly [field: string]: unknown }[],
  build: Build,
  { lookups = {}, atOnce = 1, ...options }: Options = {},
): Promise<(table: string) => readonly unknown[]> {
  let rowsOf: (table: string) => readonly unknown[] = () => [];
  const all = events.map((event, i) => ({ id: `e${i}`, k: "a", at: NOON, n: 1, ...event }));
  const requests = Array.from({ length: Math.ceil(all.length / atOnce) }, (_, i) => ({
    stream: "things",
    events: all.slice(i * atOnce, (i + 1) * atOnce),
  }));
  const { broken, injected } = await trial(
    SEED,
    {
      app: appOf(build, options),
      input: () => requests,
      lookups: () => lookups,
      check: ({ lake }) => {
        rowsOf = lake;
        return [];
      },
    },
    { faults: TROUBLE },
  );
  if (broken.length > 0) throw new Error(broken.join("; "));
  if (CRASHES.every((fault) => !injected[fault])) throw new Error("nothing crashed");
  return rowsOf;
}
