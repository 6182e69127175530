import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { z } from "zod";
import { TestDriver } from "../../../local/simulator/test-driver.ts";
import { dynamoTable, lake, milliseconds, pipeline, s3File, stream } from "../../../shared/index.ts";

const START = 1_704_067_200_000;
/** A feed takes a second, and a batch is folded at its end. */
const FEED_MS = 1_000;

const Event = z.object({ id: z.string(), k: z.string(), at: z.int() });
const events = stream("events", { schema: Event, time: "at", key: "id", partitions: 2 });
const Row = z.object({ k: z.string(), from: z.int(), n: z.int() });
type Row = z.infer<typeof Row>;
type Step =
  | { readonly kind: "rows"; readonly rows: readonly Row[] }
  | { readonly kind: "feed"; readonly events: readonly (readonly [k: string, at: number])[] }
  | { readonly kind: "wait"; readonly ms: number };

const key = fc.constantFrom("a", "b", "c");
const time = fc.integer({ min: START, max: START + 9 });
const rows = fc.uniqueArray(fc.record({ k: key, from: time, n: fc.integer({ min: 0, max: 99 }) }), {
  selector: ({ k, from }) => `${k} ${from}`,
  maxLength: 8,
});
const steps = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("rows" as const), rows }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("feed" as const),
        events: fc.array(fc.tuple(key, time), { minLength: 1, maxLength: 4 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(500, 2_000, 10_000) }),
    },
  ),
  { minLength: 2, maxLength: 10 },
);

const stores = ["dynamodb", "s3"] as const;
const declared = (
  store: (typeof stores)[number],
  how: { version?: "from"; refresh: number; cacheChars?: number },
) => {
  const options = { schema: Row, key: "k", ...how, refresh: milliseconds(how.refresh) } as const;
  return store === "s3" ? s3File("table", options) : dynamoTable("table", options);
};

/** What a pipeline gave, by the ids of the events. */
async function given(table: ReturnType<typeof declared>, list: readonly Step[]) {
  const app = pipeline("p", (p) => {
    p.from(events).lookup(table, { key: "k", as: "row", type: "left" }).to(lake("out"));
  });
  const driver = await TestDriver.create(app);
  for (const [i, step] of list.entries()) {
    if (step.kind === "rows") driver.setLookup("table", step.rows);
    if (step.kind === "wait") await driver.advance(milliseconds(step.ms));
    if (step.kind === "feed")
      await driver.feed(
        "events",
        step.events.map(([k, at], nth) => ({ id: `${i}-${nth}`, k, at })),
      );
  }
  return new Map(driver.lake<{ id: string; row: Row | null }>("out").map(({ id, row }) => [id, row]));
}

/** What it must give: `read` says what is known of a key at a moment, and `rowAt` which of its rows an event gets. */
function expected(
  list: readonly Step[],
  read: (k: string, content: readonly Row[], now: number) => readonly Row[],
  rowAt: (of: readonly Row[], at: number) => Row | undefined,
) {
  let content: readonly Row[] = [];
  let now = 0;
  const result = new Map<string, Row | null>();
  for (const [i, step] of list.entries()) {
    if (step.kind === "rows") content = step.rows;
    if (step.kind === "wait") now += step.ms;
    if (step.kind !== "feed") continue;
    now += FEED_MS;
    for (const [nth, [k, at]] of step.events.entries())
      result.set(
        `${i}-${nth}`,
        rowAt(
          read(k, content, now).filter((row) => row.k === k),
          at,
        ) ?? null,
      );
  }
  return result;
}

const newestBy = (of: readonly Row[], at: number): Row | undefined =>
  of.filter(({ from }) => from <= at).toSorted((x, y) => y.from - x.from)[0];
const last = (of: readonly Row[]): Row | undefined => of.at(-1);

describe.each(stores)("lookups in %s", (store) => {
  test.prop([steps], { numRuns: 40 })(
    "without a refresh see the table as it is, at each event's time",
    async (list) => {
      const table = declared(store, { version: "from", refresh: 0 });
      expect(await given(table, list)).toEqual(expected(list, (_, content) => content, newestBy));
    },
  );

  test.prop([steps.map(unversioned)], { numRuns: 40 })("without versions see one row a key", async (list) => {
    expect(await given(declared(store, { refresh: 0 }), list)).toEqual(
      expected(list, (_, content) => content, last),
    );
  });

  test.prop([steps.map(unversioned), fc.constantFrom(0, 150, 10_000)], { numRuns: 40 })(
    "with a refresh see what was read so long ago at most",
    async (list, cacheChars) => {
      const refresh = 3_000;
      const table = declared(store, { refresh, cacheChars });
      const read = new Map<string, { readonly at: number; readonly rows: readonly Row[] }>();
      const found = await given(table, list);
      const right = expected(
        list,
        (k, content, now) => {
          const known = read.get(store === "s3" ? "" : k);
          if (known !== undefined && now - known.at < refresh) return known.rows;
          read.set(store === "s3" ? "" : k, { at: now, rows: content });
          return content;
        },
        last,
      );
      // with less memory than it asks for a key may be read again before its time
      if (cacheChars === 10_000 || store === "s3") expect(found).toEqual(right);
      else for (const [id, row] of found) expect(rowsEver(list, id)).toContainEqual(row);
    },
  );
});

/** One row a key: the last, as a table without a sort key keeps it. */
function unversioned(list: readonly Step[]): Step[] {
  return list.map((step) =>
    step.kind === "rows"
      ? { ...step, rows: [...new Map(step.rows.map((row) => [row.k, row])).values()] }
      : step,
  );
}

/** What the table had of the event's key, at any time up to the event. */
function rowsEver(list: readonly Step[], id: string): (Row | null)[] {
  const [i, nth] = id.split("-").map(Number) as [number, number];
  const step = list[i];
  const k = step?.kind === "feed" ? step.events[nth]?.[0] : undefined;
  const contents = list.slice(0, i).flatMap((one) => (one.kind === "rows" ? [one.rows] : []));
  return [[], ...contents].map((content) => content.find((row) => row.k === k) ?? null);
}
