import {
  type CustomWindows,
  count,
  custom,
  customWindows,
  type DurationMs,
  epochMs,
  hopping,
  listState,
  mapState,
  milliseconds as ms,
  session,
  tumbling,
  valueState,
  type WindowSpec,
} from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import type { Change } from "../../shared/state/change.ts";
import { KEEPER, keptShapes, rowsMigrated } from "./kept-shapes.ts";
import { type Reading, sourceStage } from "./one-stage.ts";
import { type Code, KEEP, migrateTo, thingIn, versioned } from "./things.ts";

/** All that `code` would read, as its own version keeps it, and marked where it could not read it. */
export function migratedChanges(changes: readonly Change[], code: Code): Change[] {
  const fresh = (kept: unknown, from: number): unknown => {
    if (from === code.version) return kept;
    try {
      return migrateTo(code)(kept, from);
    } catch {
      return { unread: kept };
    }
  };
  return changes.map((change): Change => {
    const [id, kind, ...rest] = change;
    if (kind !== "put") return change;
    if (id === KEEPER) return rowsMigrated(change, code);
    if (id === "p") {
      const [key, state, name, value, until, from = 1] = rest;
      // timers, and the number of a list's next element
      if (state === "" || (state === "all" && name === -1)) return change;
      return [
        id,
        kind,
        key,
        state,
        name,
        fresh(value, from as number),
        until,
        ...(code.version > 1 ? [code.version] : []),
      ];
    }
    const at = id === "w" ? 2 : 3;
    const accumulators = rest[at] as unknown[];
    const [from = 1] = (rest[at + 3] ?? []) as number[];
    const now = [fresh(accumulators[0], from), ...accumulators.slice(1)];
    const told = code.version > 1 ? [[code.version, ...accumulators.slice(1).map(() => 1)]] : [];
    return [id, kind, ...rest.slice(0, at), now, ...rest.slice(at + 1, at + 3), ...told];
  });
}

/** Counts, lists and names by key, in the shape of its version, and tells what it sees. */
function processOf(code: Code, ttl: DurationMs | undefined): Stage {
  const { version } = code;
  const keep = KEEP[version] as (thing: unknown) => unknown;
  const options = { ...versioned(code), ...(ttl !== undefined && { ttl }) };
  return sourceStage(
    (all) => {
      const out = all.keyBy("k").process({
        id: "p",
        state: {
          count: valueState<unknown>(options),
          all: listState<unknown>(options),
          named: mapState<string, unknown>(options),
        },
        onEvent({ id, n, t }, { state, timers }) {
          const { count: counted, all: list, named } = state;
          const sum = (thingIn(counted.get() ?? keep(0), version) as number) + 1;
          if (n === 0 || n === 1) counted.set(keep(sum));
          if (n === 2) list.add(keep(id));
          if (n === 3) named.set(`${t % 3}`, keep(id));
          if (n === 4) list.clear();
          if (n === 5) timers.at(epochMs(t + 9));
          if (n === 6) named.delete(`${t % 3}`);
          const seen = n === 7 ? list.get().map((kept) => thingIn(kept, version)) : [];
          return [`v${version} ${id}: ${sum} ${seen} ${named.has("1")}`];
        },
        onTimer: (time, { state }) => [
          `v${version} ${time}: ${state.named.entries().map(([name, kept]) => `${name}=${thingIn(kept, version)}`)}`,
        ],
      });
      return { out };
    },
    { outOfOrder: 12 },
  );
}

/** The events of windows by their ids, in the shape of its version. */
const windowsOf =
  (id: string, window: WindowSpec | CustomWindows<Reading>, lateness: number, early: number | undefined) =>
  (code: Code): Stage => {
    const { version } = code;
    const keep = KEEP[version] as (thing: unknown) => unknown;
    const things = (kept: unknown): readonly string[] => thingIn(kept, version) as string[];
    return sourceStage(
      (all) => {
        const out = all
          .keyBy("k")
          .window(window, {
            id,
            allowedLateness: ms(lateness),
            trigger: early === undefined ? {} : { early: ms(early) },
          })
          .aggregate({
            ids: custom<Reading, unknown, string>({
              create: () => keep([]),
              add: (kept, reading) => keep([...things(kept), reading.id]),
              merge: (a, b) => keep([...things(a), ...things(b)]),
              finish: (kept) => `v${version} ${things(kept)}`,
              ...versioned(code),
            }),
            events: count<Reading>(),
          });
        return { out, late: out.late };
      },
      { outOfOrder: 12 },
    );
  };

/** Stages whose state has a shape in each of the versions 1 to 3. */
export const versionedShapes: Readonly<
  Record<
    | "a process"
    | "a process whose state has a time to live"
    | "tumbling windows"
    | "hopping windows"
    | "sessions"
    | "custom windows",
    (code: Code) => Stage
  >
> &
  typeof keptShapes = {
  ...keptShapes,
  "a process": (code) => processOf(code, undefined),
  "a process whose state has a time to live": (code) => processOf(code, ms(25)),
  "tumbling windows": windowsOf("w", tumbling(ms(20)), 15, 10),
  "hopping windows": windowsOf("w", hopping(ms(25), ms(10)), 0, undefined),
  sessions: windowsOf("s", session(ms(12)), 30, 10),
  "custom windows": windowsOf(
    "c",
    customWindows<Reading>("two", {
      assign: ({ t, n }) => [
        { start: epochMs(t), end: epochMs(t + 1 + n) },
        { start: epochMs(0), end: epochMs(40 + n) },
      ],
    }),
    10,
    10,
  ),
};
