import { type Outcome, trial } from "../../../local/simulator/chaos.ts";
import type { Application } from "../../../shared/index.ts";
import { appOf, type Build, type Said, thing } from "./given.ts";

/** What stops an environment between any two calls, wakes it too late, and gives it its input again. */
const TROUBLE = ["crash-before", "crash-after", "lost-response", "zombie", "duplicate", "rebatch"];
const CRASHES = ["crash-before", "crash-after"];
const SEED = 11;

type Events = readonly Said[];
type Options = {
  /** What tables that are looked up have, one after the other. */
  readonly lookups?: Readonly<Record<string, readonly (readonly unknown[])[]>>;
  /** Events in a request. @default 1 */
  readonly atOnce?: number;
};

/**
 * The rows of a table, by its name, where the events that `given` would send go through crashes and repeats.
 * @throws as `crashed` does
 */
export async function throughCrashes(
  events: Events,
  build: Build,
  { lookups, atOnce, ...options }: Options & NonNullable<Parameters<typeof appOf>[1]> = {},
): Promise<(table: string) => readonly unknown[]> {
  const { lake } = await crashed(appOf(build, options), events, {
    ...(lookups && { lookups }),
    ...(atOnce && { atOnce }),
  });
  return lake;
}

/**
 * What is left behind where events go through crashes and repeats. It is judged as in every run of `chaos`, against the
 * reference interpreter too.
 * @throws where anything does not hold, and where nothing crashed
 */
export async function crashed(
  app: Application,
  events: Events,
  { lookups = {}, atOnce = 1 }: Options = {},
): Promise<Outcome> {
  const all = events.map((event, i) => thing(`e${i}`, event));
  const requests = Array.from({ length: Math.ceil(all.length / atOnce) }, (_, i) => ({
    stream: "things",
    events: all.slice(i * atOnce, (i + 1) * atOnce),
  }));
  let left: Outcome | undefined;
  const check = (outcome: Outcome): readonly string[] => {
    left = outcome;
    return [];
  };
  const scenario = { app, input: () => requests, lookups: () => lookups, check };
  const { broken, injected } = await trial(SEED, scenario, { faults: TROUBLE });
  if (broken.length > 0 || left === undefined) throw new Error(broken.join("; "));
  if (CRASHES.every((fault) => !injected[fault])) throw new Error("nothing crashed");
  return left;
}
