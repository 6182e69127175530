import { expect, test } from "vitest";
import { LookupNotes, rowsKept } from "../../../shared/operators/lookup/looked-up.ts";
import { BEGINNING_OF_TIME, epochMs } from "../../../shared/time/time.ts";

const always = { from: BEGINNING_OF_TIME, row: { maker: "acme" } };
const since = (ms: number) => ({ from: epochMs(ms), row: { since: ms } });

test("notes keep each row once, under its table and key, and keys without a row", () => {
  const notes = new LookupNotes();
  notes.note("makers", "pen", always);
  notes.note("prices", 7, since(10));
  notes.note("makers", "ink", undefined);
  notes.note("makers", "pen", always);
  expect(notes.kept()).toEqual([
    ["makers", [["pen", [{ maker: "acme" }]], ["ink"]]],
    ["prices", [[7, [{ since: 10 }, 10]]]],
  ]);
  notes.clear();
  expect(notes.kept()).toEqual([]);
});

test("rows of a key are kept oldest first, whichever was met first", () => {
  const notes = new LookupNotes();
  for (const row of [since(20), since(-5), always, since(0), since(20)]) notes.note("prices", "pen", row);
  expect(notes.kept()).toEqual([
    ["prices", [["pen", [{ maker: "acme" }], [{ since: -5 }, -5], [{ since: 0 }, 0], [{ since: 20 }, 20]]]],
  ]);
});

test("rows come back as they were noted, with what is wrong with them", () => {
  const notes = new LookupNotes();
  const rows = [
    { ...always, row: null, problem: "no maker" },
    since(3),
    { ...since(4), row: null, problem: "odd" },
  ];
  for (const row of rows) notes.note("prices", "pen", row);
  const [[, [[, ...kept] = []] = []] = []] = JSON.parse(JSON.stringify(notes.kept()));
  expect(rowsKept(kept)).toStrictEqual(rows);
});
