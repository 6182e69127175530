import { expect, test } from "vitest";
import * as z from "zod";
import { plainItem } from "../../../functions/aws/lookups/plain-item.ts";
import { TestDriver } from "../../../local/simulator/test-driver.ts";
import { csv } from "../../../shared/csv.ts";
import { MillraceError } from "../../../shared/errors/millrace-error.ts";
import {
  dynamoTable,
  type LookupOptions,
  lake,
  milliseconds,
  minutes,
  pipeline,
  s3File,
  stream,
  trusted,
} from "../../../shared/index.ts";
import type { Lookups } from "../../../shared/protocol/ports.ts";
import { StageLoop } from "../../../shared/protocol/stage-loop.ts";
import { settableClock } from "../../protocol/conformance/settable-clock.ts";
import { inMemory, logOf } from "../../protocol/in-memory.ts";
import { linesOf } from "../../protocol/lookup/tables.ts";
import { batchOf } from "./batches.ts";
import { throughCrashes } from "./crashes.ts";
import { type Build, failures, field, given, NOON, refusal, stagesOf, type Thing } from "./given.ts";

const Row = z.object({ k: z.string(), v: z.int() });
type Table = ReturnType<typeof tableIn>;
const tableIn = (store: "dynamodb" | "s3", options: { refresh?: number; cacheChars?: number } = {}) => {
  const refresh = milliseconds(options.refresh ?? minutes(5));
  return store === "s3"
    ? s3File("rows", { schema: Row, key: "k", refresh })
    : dynamoTable("rows", { schema: Row, key: "k", ...options, refresh });
};
const TABLE = tableIn("dynamodb");
const FILE = tableIn("s3");
const CSV = s3File("rows", { schema: Row, key: "k", format: csv() });
const Version = z.object({ k: z.string(), from: z.int(), v: z.int() });
const VERSIONS = s3File("rows", { schema: Version, key: "k", version: "from" });

/** Events by their id and the `v` of the row that they were given. */
const found =
  (table: Table | typeof VERSIONS, options: Partial<LookupOptions<Thing>> = {}): Build =>
  (things) => {
    const out = things.lookup(
      table as Table,
      { key: "k", id: "l", as: "row", ...options } as { key: "k"; as: "row" },
    );
    return { out: out.map(({ id, row }) => ({ is: `${id} ${(row as { v: number } | null)?.v ?? null}` })) };
  };
const is = (driver: Awaited<ReturnType<typeof given>>) => field(driver, "out", "is");
const rows = [
  { k: "a", v: 1 },
  { k: "b", v: 2 },
];
const EACH = [TABLE, FILE];

/** A stage whose table's reads are noted; `answers` are what they give, one after the other, the last for ever. */
function reading(build: Build, ...answers: readonly (number | Error)[]) {
  const reads: unknown[] = [];
  const clock = settableClock();
  const next = (): number => {
    const answer = answers[Math.min(reads.length, answers.length) - 1];
    if (answer instanceof Error) throw answer;
    return answer ?? 0;
  };
  const lookups: Lookups = {
    rows: async (_, wants) => {
      reads.push(wants.map(({ key }) => key));
      const v = next();
      return wants.map(({ key }) => ({ rows: [{ k: key, v }] }));
    },
    file: async () => {
      reads.push("file");
      return { etag: `${reads.length}`, ...linesOf([{ k: "a", v: next() }]) };
    },
  };
  const env = inMemory({ lookups, clock });
  const [stage] = stagesOf(build);
  if (stage === undefined) throw new Error("there is no stage");
  const loop = new StageLoop(stage, env);
  let sequence = 1;
  /** A batch that failed is delivered again by the next call. */
  const batch = async (...keys: readonly string[]) => {
    const result = await loop.run(
      batchOf(
        sequence,
        keys.map((k) => ({ k })),
      ),
    );
    if (result.firstFailed === undefined) sequence += 1;
    return result;
  };
  return { batch, reads, clock, entries: () => logOf(env, { stage: stage.id, partition: 0 }).length };
}

test("What a batch lacks is read in one round, each key once; what is in memory is not read.", async () => {
  const { batch, reads } = reading(found(TABLE), 1);
  await batch("a", "b", "a");
  await batch("b", "c", "a");
  expect(reads).toEqual([["a", "b"], ["c"]]);
  const file = reading(found(FILE), 1);
  await file.batch("a", "b");
  await file.batch("c");
  expect(file.reads).toEqual(["file"]);
});

test("A row is taken from memory for `refresh`, and that there is none.", async () => {
  for (const table of EACH) {
    const driver = await given([{ k: "a" }, { k: "c" }], found(table, { type: "left" }), {
      lookups: { rows },
    });
    driver.setLookup("rows", [
      { k: "a", v: 10 },
      { k: "c", v: 30 },
    ]);
    const later = ["a", "c"].map((k) => ({ id: `later ${k}`, k, at: NOON, n: 1 }));
    await driver.feed("things", later);
    await driver.advance(minutes(5));
    await driver.feed("things", later);
    expect(is(driver)).toEqual(["e0 1", "e1 null", "later a 1", "later c null", "later a 10", "later c 30"]);
  }
});

test("With a `refresh` of 0 each commit reads anew, and within a commit a key has one answer.", async () => {
  const { batch, reads } = reading(found(tableIn("dynamodb", { refresh: 0 })), 1, 2);
  await batch("a", "a", "a");
  await batch("a", "a");
  expect(reads).toEqual([["a"], ["a"]]);
});

test("Once committed, it stays: a repeat, another environment or a cold start is given what the entry keeps.", async () => {
  const events = Array.from({ length: 20 }, (_, i) => ({ k: i % 2 === 0 ? "a" : "b" }));
  const changing = Array.from({ length: 5 }, (_, v) => ["a", "b"].map((k) => ({ k, v })));
  const build = found(tableIn("dynamodb", { refresh: 0 }));
  const crashed = await throughCrashes(events, build, { lookups: { rows: changing } });
  const told = crashed("out").map((row) => (row as { is: string }).is.split(" "));
  expect(told.map(([id]) => id)).toEqual(events.map((_, i) => `e${i}`));
  expect(new Set(told.map(([, v]) => v)).size).toBeGreaterThan(2);
});

test("In a table with versions an event gets the newest one that began at its time or before; before the first it has none.", async () => {
  const versions = [200, 100].map((ms) => ({ k: "a", from: NOON + ms, v: ms }));
  const at = [99, 100, 199, 200, 9_999].map((ms) => ({ at: NOON + ms }));
  const driver = await given(at, found(VERSIONS, { type: "left" }), { lookups: { rows: versions } });
  expect(is(driver)).toEqual(["e0 null", "e1 100", "e2 100", "e3 200", "e4 200"]);
});

test("A version that is written afterwards is met by events that are folded after the `refresh`, not by those before.", async () => {
  const first = { k: "a", from: NOON, v: 1 };
  const driver = await given([{ at: NOON + 9 }], found(VERSIONS), { lookups: { rows: [first] } });
  driver.setLookup("rows", [first, { k: "a", from: NOON + 5, v: 2 }]);
  await driver.advance(minutes(5));
  await driver.feed("things", [{ id: "again", k: "a", at: NOON + 9, n: 1 }]);
  expect(is(driver)).toEqual(["e0 1", "again 2"]);
});

test("Of two lines of a file with one key, and one version, the last counts.", async () => {
  const twice = [...rows, { k: "a", v: 3 }];
  expect(is(await given([{}], found(FILE), { lookups: { rows: twice } }))).toEqual(["e0 3"]);
  const versions = [1, 2].map((v) => ({ k: "a", from: NOON, v }));
  expect(is(await given([{}], found(VERSIONS), { lookups: { rows: versions } }))).toEqual(["e0 2"]);
});

test("`inner` drops and counts events without a row, `left` gives them with `null`.", async () => {
  for (const table of EACH) {
    const inner = await given([{ k: "a" }, { k: "c" }], found(table), { lookups: { rows } });
    expect(is(inner)).toEqual(["e0 1"]);
    expect(inner.counts()["p.things"]).toMatchObject({ unmatched: 1, failed: 0 });
    const left = await given([{ k: "a" }, { k: "c" }], found(table, { type: "left" }), { lookups: { rows } });
    expect(is(left)).toEqual(["e0 1", "e1 null"]);
    expect(left.counts()["p.things"]).toMatchObject({ unmatched: 0 });
  }
});

test("A key that is `null` or `undefined` finds nothing, and is not read.", async () => {
  const key = ({ n }: Thing) => (n === 1 ? "a" : n === 2 ? null : undefined);
  const events = [{ n: 1 }, { n: 2 }, { n: 3 }];
  const driver = await given(events, found(TABLE, { key, type: "left" }), { lookups: { rows } });
  expect(is(driver)).toEqual(["e0 1", "e1 null", "e2 null"]);
  expect(failures(driver)).toEqual([]);
  const { batch, reads } = reading(found(TABLE, { key: () => null }), 1);
  await batch("a");
  expect(reads).toEqual([]);
});

test("A row that does not fit its schema fails the events that look it up, and no others.", async () => {
  for (const table of EACH) {
    const odd = [...rows, { k: "odd", v: "text" }];
    const driver = await given([{ k: "odd" }, { k: "a" }], found(table), { lookups: { rows: odd } });
    expect([failures(driver), is(driver)]).toEqual([["l LOOKUP_ROW"], ["e1 1"]]);
    const skipped = await given([{ k: "odd" }, { k: "a" }], found(table, { onError: "skip" }), {
      lookups: { rows: odd },
    });
    expect([failures(skipped), is(skipped)]).toEqual([[], ["e1 1"]]);
  }
});

test("A version that is no time fails the events of its key, a line without a key those that find nothing, a key that the table cannot have its own.", async () => {
  const versions = [
    { k: "a", from: "once", v: 1 },
    { k: "b", from: NOON, v: 2 },
  ];
  const events = [{ k: "a" }, { k: "b" }, { k: "c" }];
  const options = { type: "left" } as const;
  const timeless = await given(events, found(VERSIONS, options), { lookups: { rows: versions } });
  expect([failures(timeless), is(timeless)]).toEqual([["l LOOKUP_ROW"], ["e1 2", "e2 null"]]);
  const keyless = await given(events, found(FILE, options), { lookups: { rows: [...rows, { v: 3 }] } });
  expect([failures(keyless), is(keyless)]).toEqual([["l LOOKUP_ROW"], ["e0 1", "e1 2"]]);
  const key = ({ k }: Thing) => (k === "a" ? 5 : k);
  const odd = await given(events, found(TABLE, { ...options, key }), { lookups: { rows } });
  expect([failures(odd), is(odd)]).toEqual([["l LOOKUP_ROW"], ["e1 2", "e2 null"]]);
});

/** What events with these keys fail with, and what others are given, where a file has this text. */
async function outcomes(text: string, keys: readonly string[]) {
  const driver = await given(
    keys.map((k) => ({ k })),
    found(CSV, { type: "left" }),
    { lookups: { rows: text } },
  );
  return [driver.failed().map(({ error }) => `${error.code} ${error.message}`), is(driver)];
}

test("Of CSV, a record that has more or fewer fields than its header, a quote within a field or what is not UTF-8 is a line without a key.", async () => {
  for (const [line, says] of [
    ["b", "line 3 has 1 field where its header has 2"],
    ["b,1,2", "line 3 has 3 fields where its header has 2"],
    ['b,"1"', undefined],
    ['b,1"', "line 3 has a quote within a field that does not begin with one"],
  ] as const) {
    const [failed, rows] = await outcomes(`k,v\na,1\n${line}\nc,3\n`, ["a", "b", "c"]);
    expect(rows).toEqual(["e0 1", ...(says === undefined ? ["e1 1"] : []), "e2 3"]);
    expect(failed).toEqual(says === undefined ? [] : [expect.stringContaining(`"rows": ${says}, so that`)]);
  }
  const latin = Uint8Array.from([..."k,v\na,1\n\u00fc,2\n"].map((char) => char.charCodeAt(0)));
  expect(CSV.format?.read(latin, CSV).lines[1]).toMatchObject({ line: 3, problem: "is not UTF-8" });
});

test("A CSV file whose header lacks a column that rows must have or has one twice, whose quotes do not close, or that has nothing at all fails all events that look it up.", async () => {
  for (const [text, says] of [
    ["k,w\na,1\n", 'its header has no column "v", which rows must have; it has "k", "w"'],
    ["k,v,v\na,1,1\n", 'its header has the column "v" twice'],
    ['k,v\na,1\n"b,2\n', "line 3 has a quote, there or further down, that is never closed"],
    ["", "it is empty, where a CSV file has at least a header"],
  ] as const)
    expect(await outcomes(text, ["a", "b"])).toEqual([
      ["a", "b"].map(
        () =>
          `LOOKUP_ROW operator "l", lookup file "rows": ${says}; mend the file or the schema, and send the event again`,
      ),
      [],
    ]);
  expect(await outcomes("k,v\n", ["a"])).toEqual([[], ["e0 null"]]);
});

test("An empty field of CSV is `null` where the schema takes it, the empty text where it must have a text, and else missing.", () => {
  const schema = z.object({ k: z.string(), a: z.int().nullable(), b: z.string().optional(), c: z.boolean() });
  const table = s3File("rows", { schema, key: "k", format: csv() });
  const text = new TextEncoder().encode("k,a,b,c,d\n,,,,\n");
  expect(table.format?.read(text, table).lines[0]?.value).toEqual({ k: "", a: null, d: "" });
});

test("While a table cannot be read the batch waits: nothing is lost, and nothing is guessed from rows that are out of date.", async () => {
  const down = new MillraceError("LOOKUP_UNAVAILABLE", "down", { next: "retried" });
  const { batch, clock, entries, reads } = reading(found(TABLE), 1, down, 2);
  expect((await batch("a")).firstFailed).toBeUndefined();
  clock.set(clock.now() + minutes(5));
  const waits = await batch("a");
  expect(waits.firstFailed).toBeDefined();
  expect(waits.causes).toMatchObject([{ code: "LOOKUP_UNAVAILABLE" }]);
  expect(entries()).toBe(1);
  expect((await batch("a")).firstFailed).toBeUndefined();
  expect([entries(), reads]).toEqual([2, [["a"], ["a"], ["a"]]]);
});

test("Numbers and strings are different keys.", async () => {
  const key = ({ n }: Thing) => (n === 1 ? 5 : "5");
  const Either = z.object({ k: z.union([z.string(), z.int()]), v: z.int() });
  const either = s3File("rows", { schema: Either, key: "k" });
  const both = [
    { k: 5, v: 1 },
    { k: "5", v: 2 },
  ];
  const driver = await given([{ n: 1 }, { n: 2 }], found(either as never, { key }), {
    lookups: { rows: both },
  });
  expect(is(driver)).toEqual(["e0 1", "e1 2"]);
  const typed = stream("typed", { schema: z.strictObject({ n: z.int() }), key: "n" });
  const refused = pipeline("p", (p) => p.from(typed).lookup(TABLE, { key: "n" }).to(lake("out")));
  await expect(TestDriver.create(refused)).rejects.toMatchObject({ code: "PLAN_LOOKUP" });
});

test("Rows are frozen: whoever changes one fails.", async () => {
  const driver = await given(
    [{}, {}],
    (things) => ({
      out: things
        .lookup(TABLE, { key: "k", as: "row" })
        .map(({ id, row }) => Object.assign(row, { v: 9 }) && { is: id }, { id: "changes" }),
    }),
    { lookups: { rows } },
  );
  expect(failures(driver)).toEqual(["changes OPERATOR_FAILED", "changes OPERATOR_FAILED"]);
});

test("A field that is called as the row is replaced by it, and the event's time, key and id stay.", async () => {
  const driver = await given(
    [{ k: "b", n: 7 }],
    (things) => ({
      out: things
        .keyBy("k")
        .lookup(TABLE, { key: () => "a", as: "n" })
        .map(({ n }, { id, key, time }) => ({ is: `${n.v} ${id} ${key} ${time - NOON}` })),
    }),
    { lookups: { rows } },
  );
  expect(is(driver)).toEqual(["1 e0 b 0"]);
});

test("A row is added to objects only.", async () => {
  const build: Build = (things) => ({
    out: things
      .map(({ id, n }) => (n === 1 ? id : null))
      .lookup(TABLE, { key: () => "a", id: "l", as: "row" })
      .map((row) => ({ row })),
  });
  const driver = await given([{ n: 1 }, { n: 2 }], build, { lookups: { rows } });
  expect([failures(driver), driver.lake("out")]).toEqual([["l LOOKUP_VALUE", "l LOOKUP_VALUE"], []]);
});

test("Of DynamoDB's types, numbers come as doubles and sets as lists.", () => {
  expect(
    plainItem({
      n: { N: "12345678901234567890.5" },
      names: { SS: ["x", "y"] },
      counts: { NS: ["1", "2.5"] },
      deep: { M: { list: { L: [{ NULL: true }, { BOOL: false }] } } },
    }),
  ).toEqual({
    n: 12_345_678_901_234_567_000,
    names: ["x", "y"],
    counts: [1, 2.5],
    deep: { list: [null, false] },
  });
});

test("Of a table in DynamoDB at most `cacheChars` stay in memory, the longest unused going first.", async () => {
  // a row counts for its JSON and 100 more
  const { batch, reads } = reading(found(tableIn("dynamodb", { cacheChars: 300 })), 1);
  for (const key of ["a", "b", "a", "c", "a", "b"]) await batch(key);
  expect(reads).toEqual([["a"], ["b"], ["c"], ["b"]]);
});

test("It keeps no state, and may come and go.", () => {
  const counted =
    (isThere: boolean): Build =>
    (things) => ({
      out: (isThere ? things.lookup(TABLE, { key: "k" }) : things).dedupe({ id: "once", within: minutes(1) }),
    });
  const fingerprints = [true, false].map((isThere) => stagesOf(counted(isThere))[0]?.fingerprint);
  expect(fingerprints[0]).toBe(fingerprints[1]);
});

test("It needs event time where a table has versions and `asOf` says no other.", async () => {
  const timeless = stream("timeless", { schema: trusted<Thing>(), key: "k", partitions: 1 });
  const by = (table: typeof TABLE | typeof VERSIONS, options: object = {}) =>
    TestDriver.create(
      pipeline("p", (p) => {
        p.from(timeless)
          .lookup(table as typeof VERSIONS, { key: "k", as: "row", ...options })
          .map(({ row }) => ({ is: row.v }))
          .to(lake("out"));
      }),
      { lookups: { rows: [{ k: "a", from: NOON, v: 1 }] } },
    );
  await expect(by(VERSIONS)).rejects.toMatchObject({ code: "PLAN_NO_EVENT_TIME" });
  for (const driver of [await by(VERSIONS, { asOf: "at" }), await by(FILE)]) {
    await driver.feed("timeless", [{ id: "x", k: "a", at: NOON, n: 1 }]);
    expect(is(driver)).toEqual([1]);
  }
});

test("What is no table, or has nothing to look up by, is refused.", () => {
  const refused = (table: unknown, options: object = {}) => refusal(found(table as Table, options));
  expect(refused(TABLE)).toBe("none");
  expect(refused({ kind: "table" })).toBe("PLAN_LOOKUP");
  expect(refused(TABLE, { asOf: "at" })).toBe("PLAN_LOOKUP");
  expect(refused(TABLE, { key: "" })).toBe("PLAN_OPTION");
  expect(refused(TABLE, { type: "full" })).toBe("PLAN_OPTION");
  expect(refused(tableIn("dynamodb", { refresh: -1 }))).toBe("PLAN_DURATION");
});
