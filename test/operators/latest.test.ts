import { describe, expect, test } from "vitest";
import { Latest } from "../../shared/operators/broadcast/latest.ts";
import { AS_IS } from "../../shared/operators/row-keeper.ts";
import { Journal } from "../../shared/state/journal.ts";

/** With a list of all that was prepared. */
function latestOf(): { latest: Latest; journal: Journal; prepared: unknown[] } {
  const [journal, prepared]: [Journal, unknown[]] = [new Journal(), []];
  const latest = new Latest({ id: "b", journal }, AS_IS, (value, key) => {
    if (value === "broken") throw new SyntaxError("no rule");
    prepared.push(value);
    return `${key}: ${value}`;
  });
  return { latest, journal, prepared };
}

describe("the latest control values", () => {
  test("are prepared once each, however often they are read", () => {
    const { latest, prepared } = latestOf();
    latest.take("b", "one");
    latest.take("a", "two");
    for (let i = 0; i < 3; i += 1)
      expect([...latest.all()]).toEqual([
        ["a", "a: two"],
        ["b", "b: one"],
      ]);
    latest.take("b", "three");
    expect(latest.all().get("b")).toBe("b: three");
    expect(prepared).toEqual(["one", "two", "three"]);
  });

  test("are those before where a batch was taken back, prepared anew where they had been replaced", () => {
    const { latest, journal, prepared } = latestOf();
    latest.take("a", "old");
    latest.take("b", "stays");
    journal.keep();
    latest.clean();
    latest.take("a", "new");
    latest.take("c", "more");
    expect(latest.all().size).toBe(3);
    journal.rollback();
    latest.reset();
    expect([...latest.all()]).toEqual([
      ["a", "a: old"],
      ["b", "b: stays"],
    ]);
    expect(prepared).toEqual(["old", "stays", "new", "more", "old"]);
    expect(latest.changes()).toEqual([]);
  });

  test("are prepared where they are first read, after they came from the log", () => {
    const { latest, prepared } = latestOf();
    for (const [key, value] of [
      ["b", "one"],
      ["a", "two"],
    ])
      latest.apply(["b", "put", key, value]);
    expect([prepared, latest.size]).toEqual([[], 2]);
    expect([...latest.all().values()]).toEqual(["a: two", "b: one"]);
    latest.all();
    latest.take("z", "three");
    expect([...latest.all().keys()]).toEqual(["a", "b", "z"]);
    expect(prepared).toEqual(["two", "one", "three"]);
    expect([...latest.snapshot()]).toEqual([
      ["b", "put", "a", "two"],
      ["b", "put", "b", "one"],
      ["b", "put", "z", "three"],
    ]);
  });

  test("that cannot be prepared leave the one before", () => {
    const { latest } = latestOf();
    latest.take("a", "one");
    expect(() => latest.take("a", "broken")).toThrow("no rule");
    expect([...latest.all()]).toEqual([["a", "a: one"]]);
    expect(latest.changes()).toEqual([["b", "put", "a", "one"]]);
  });

  test("cannot be changed by what they came from, nor by who prepares them", () => {
    const journal = new Journal();
    const given = { list: [1] };
    const latest = new Latest({ id: "b", journal }, AS_IS, undefined);
    latest.take("a", given);
    given.list.push(2);
    const kept = latest.all().get("a") as typeof given;
    expect(kept).toEqual({ list: [1] });
    expect(() => kept.list.push(3)).toThrow(TypeError);
  });
});
