import { describe, expect, test } from "vitest";
import { answerOf, fileAnswer } from "../../../shared/protocol/lookup/checked-row.ts";
import { BEGINNING_OF_TIME } from "../../../shared/time/time.ts";
import { at, schemaOf, tableOf } from "./tables.ts";

const versions = tableOf({ version: "from" });
const from = (time: unknown, v = 0) => ({ k: "a", from: time, v });

describe("what a table without versions says of a key", () => {
  test("is its row, as its schema makes it, at all times", () => {
    const doubled = tableOf({ schema: schemaOf((row) => ({ value: { v: 2 * (row as { v: number }).v } })) });
    expect(answerOf(doubled, [{ v: 4 }], at(50))).toEqual({
      rows: [{ from: BEGINNING_OF_TIME, row: { v: 8 } }],
      since: BEGINNING_OF_TIME,
    });
  });

  test("is that there is none", () => {
    expect(answerOf(tableOf(), [], at(50))).toEqual({ rows: [], since: BEGINNING_OF_TIME });
  });

  test("is given to many, none of whom can change it", async () => {
    const answer = await answerOf(tableOf(), [{ v: { deep: [1] } }], at(0));
    const row = answer.rows[0]?.row as { v: { deep: number[] } };
    expect(() => row.v.deep.push(2)).toThrow(TypeError);
  });
});

describe("what a table with versions says of a key", () => {
  test("is its rows by their time, epoch milliseconds or RFC 3339, oldest first", () => {
    const rows = [from(300), from("1970-01-01T00:00:00.200Z"), from(100)];
    expect(answerOf(versions, rows, at(150))).toMatchObject({
      rows: [
        { from: 100, row: rows[2] },
        { from: 200, row: rows[1] },
        { from: 300, row: rows[0] },
      ],
    });
  });

  test("has two of one time in the order of the store: the last counts", () => {
    const rows = [from(200, 1), from(100, 2), from(200, 3), from(100, 4)];
    expect(answerOf(versions, rows, at(150))).toMatchObject({
      rows: [{ row: { v: 2 } }, { row: { v: 4 } }, { row: { v: 1 } }, { row: { v: 3 } }],
    });
  });

  test("holds from the oldest row on, where that began by the time that was asked for", () => {
    const rows = [from(100), from(200)];
    expect(answerOf(versions, rows, at(150))).toMatchObject({ since: 100 });
    expect(answerOf(versions, rows, at(100))).toMatchObject({ since: 100 });
  });

  test("holds at all times, where no row had begun by then", () => {
    expect(answerOf(versions, [from(100)], at(99))).toMatchObject({ since: BEGINNING_OF_TIME });
    expect(answerOf(versions, [], at(99))).toEqual({ rows: [], since: BEGINNING_OF_TIME });
  });

  test.each([
    ["once", '"once"'],
    [null, "null"],
    [undefined, "undefined"],
    [1.5, "1.5"],
  ])("is nothing that can be used where a row is of no time: %s", (time, said) => {
    expect(answerOf(versions, [from(100), from(time), from(300)], at(150))).toEqual({
      rows: [
        {
          from: BEGINNING_OF_TIME,
          row: undefined,
          problem: `"from" of the row of "a" says ${said}, which is no time`,
        },
      ],
      since: BEGINNING_OF_TIME,
    });
  });

  test("is nothing that can be used where a row is null", () => {
    expect(answerOf(versions, [null], at(150))).toMatchObject({
      rows: [{ problem: '"from" of the row of undefined says undefined, which is no time' }],
    });
  });
});

describe("a row that does not fit", () => {
  test("is one of a line where it comes from a file", async () => {
    const odd = tableOf({ schema: schemaOf(() => ({ issues: [{ message: "odd" }] })), version: "from" });
    const lines = [
      { line: 7, value: from(100) },
      { line: 9, value: from(200) },
    ];
    expect((await fileAnswer(odd, lines)).rows.map(({ problem }) => problem)).toEqual([
      "line 7 does not fit its schema (odd)",
      "line 9 does not fit its schema (odd)",
    ]);
    const timeless = await fileAnswer(odd, [...lines, { line: 12, value: from("once") }]);
    expect(timeless.rows[0]?.problem).toBe('"from" of line 12 says "once", which is no time');
  });

  const problemWith = async (validate: Parameters<typeof schemaOf>[0]): Promise<unknown> => {
    const answer = await answerOf(tableOf({ schema: schemaOf(validate) }), [{ k: "a", v: 1 }], at(0));
    expect(answer.rows).toEqual([
      { from: BEGINNING_OF_TIME, row: undefined, problem: expect.any(String) as string },
    ]);
    return answer.rows[0]?.problem;
  };

  test("says where and why, as its schema does", async () => {
    const issue = { message: "must be a number", path: ["prices", { key: 0 }, "net"] };
    expect(await problemWith(() => ({ issues: [issue, { message: "and more" }] }))).toBe(
      'the row of "a" does not fit its schema (prices.0.net: must be a number)',
    );
    expect(await problemWith(() => ({ issues: [{ message: "is odd" }] }))).toBe(
      'the row of "a" does not fit its schema (is odd)',
    );
    expect(await problemWith(() => ({ issues: [] }))).toBe(
      'the row of "a" does not fit its schema (refused)',
    );
  });

  test("says what its schema throws, at once or later", async () => {
    const thrown = new Error("no such land");
    const said = 'the row of "a" does not fit its schema (no such land)';
    expect(
      await problemWith(() => {
        throw thrown;
      }),
    ).toBe(said);
    expect(await problemWith(() => Promise.reject(thrown))).toBe(said);
  });

  test("is one that no log can keep", async () => {
    expect(await problemWith(() => ({ value: { run: () => 1 } }))).toMatch(
      /^the row of "a" does not fit its schema \(.*function/,
    );
  });

  test("leaves the key's other versions as they are, under its own time", async () => {
    const even = schemaOf((row) =>
      (row as { v: number }).v % 2 === 0 ? { value: row } : Promise.resolve({ issues: [{ message: "odd" }] }),
    );
    const rows = [from(300, 4), from(200, 3), from(100, 2)];
    expect(await answerOf({ ...versions, schema: even }, rows, at(100))).toEqual({
      rows: [
        { from: 100, row: rows[2] },
        { from: 200, row: undefined, problem: 'the row of "a" does not fit its schema (odd)' },
        { from: 300, row: rows[0] },
      ],
      since: 100,
    });
  });
});

test("a schema that takes its time gives an answer later, and another at once", async () => {
  const late = answerOf(tableOf({ schema: schemaOf(async (value) => ({ value })) }), [{ v: 1 }], at(0));
  expect(late).toBeInstanceOf(Promise);
  expect(await late).toEqual(answerOf(tableOf(), [{ v: 1 }], at(0)));
});
