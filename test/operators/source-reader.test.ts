import { describe, expect, test } from "vitest";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import { epochMs, milliseconds } from "../../shared/index.ts";
import { treeOf } from "../../shared/json/paths.ts";
import { SourceReader } from "../../shared/operators/source-reader.ts";
import type { StageSource } from "../../shared/operators/stage.ts";
import { texts } from "../json/texts.ts";

const encoder = new TextEncoder();

type Payload = { readonly id?: unknown; readonly at?: number; readonly user?: { readonly name?: unknown } };

/** Reads a user's name as the key, and `at` as the time. */
const source: StageSource = {
  kind: "source",
  stream: "readings",
  key: (payload) => (payload as Payload).user?.name as string,
  time: (payload) => {
    const { at } = payload as Payload;
    return at === undefined ? undefined : epochMs(at);
  },
  reads: treeOf([["n"]]),
  paths: undefined,
  validate: (value) => ({ value }),
  outOfOrder: milliseconds(0),
  idle: undefined,
};
const paths = { key: [["user", "name"], ["name"]], time: [["at"]] };

type Seen =
  | { id: string | undefined; time: number; key: unknown; payload: unknown }
  | readonly [string, string];

/** What is read of each line: an event, or why it is none. */
function read(lines: readonly string[], changes: Partial<StageSource> = {}): Seen[] {
  const reader = new SourceReader({ ...source, ...changes }, "p.readings", texts(false));
  const bytes = encoder.encode(lines.map((line) => `${line}\n`).join(""));
  const seen: Seen[] = [];
  reader.each(bytes, bytes.length, epochMs(77), (_from, _end, refused) => {
    const { id, time, key, payload } = reader;
    seen.push(refused === undefined ? { id, time, key, payload } : [refused.code, refused.message]);
  });
  return seen;
}

describe.each([
  ["as far as the stage reads", { paths }],
  ["whole, by its schema", {}],
])("a line that is read %s", (_, how) => {
  test("gives its key, its time, its id where that is a text, and what the stage reads", () => {
    expect(
      read(
        [
          '{"id":"e1","user":{"name":"ada"},"at":5,"n":1,"more":true}',
          '{"id":7,"user":{"name":3},"at":6,"n":2}',
          '{"user":{"name":""},"at":7}',
        ],
        how,
      ),
    ).toEqual([
      { id: "e1", time: 5, key: "ada", payload: { n: 1 } },
      { id: undefined, time: 6, key: 3, payload: { n: 2 } },
      { id: undefined, time: 7, key: "", payload: {} },
    ]);
  });

  test("has the time that it is given where its stream declares none", () => {
    const { key } = paths;
    const untimed = "paths" in how ? { paths: { key, time: undefined } } : {};
    expect(read(['{"user":{"name":"ada"},"at":5}'], { ...how, ...untimed, time: undefined })).toEqual([
      { id: undefined, time: 77, key: "ada", payload: {} },
    ]);
  });

  test("is refused where it is no JSON, has no time, or no key; its neighbours are read", () => {
    const found = read(
      ['{"id":', '{"user":{"name":"ada"}}', '{"user":{},"at":1}', '{"user":{"name":"bob"},"at":2}'],
      how,
    );
    expect(found).toEqual([
      ["BODY_JSON", expect.stringMatching(/^no JSON: ./)],
      ["EVENT_TIME", "its time is missing or no time"],
      ["KEY_TYPE", expect.stringContaining("p.readings")],
      { id: undefined, time: 2, key: "bob", payload: {} },
    ]);
  });

  test("is refused where its key is neither a text nor a number", () => {
    for (const name of ["true", "null", '["ada"]', "{}"])
      expect(read([`{"user":{"name":${name}},"at":1}`], how)).toMatchObject([
        ["KEY_TYPE", expect.anything()],
      ]);
  });
});

test("a key and a time are the first of their fields that is there", () => {
  const time = [["at"], ["since"]];
  expect(
    read(
      [
        '{"name":"second","user":{"name":"first"},"since":2,"at":1}',
        '{"name":"second","user":{"name":null},"since":"1970-01-01T00:00:00.002Z","at":null}',
      ],
      { paths: { ...paths, time } },
    ),
  ).toMatchObject([
    { key: "first", time: 1 },
    { key: "second", time: 2 },
  ]);
});

describe("a schema", () => {
  const line = '{"id":"e","user":{"name":"ada"},"at":5,"n":"1"}';

  test("makes the payload that key, time and id are taken from", () => {
    const validate: StageSource["validate"] = (value) => ({
      value: { ...(value as object), id: "made", user: { name: "eve" }, at: 9, n: 1 },
    });
    expect(read([line], { validate })).toEqual([{ id: "made", time: 9, key: "eve", payload: { n: 1 } }]);
  });

  test("refuses a line, and says why", () => {
    expect(
      read([line], { validate: () => ({ issues: [{ message: "n is a text" }, { message: "more" }] }) }),
    ).toEqual([["EVENT_SCHEMA", "n is a text"]]);
    expect(read([line], { validate: () => ({ issues: [] }) })).toEqual([
      ["EVENT_SCHEMA", "not as its schema wants it"],
    ]);
  });

  test("that answers later is refused", () => {
    expect(() => read([line], { validate: async (value) => ({ value }) })).toThrow(
      expect.objectContaining({
        code: "RUN_INPUT",
        message: "a schema that answers later cannot be used in a bounded run",
        next: "refused",
      }),
    );
  });
});

test("a key that throws is told as it is thrown", () => {
  const thrown = (cause: unknown) => () => {
    throw cause;
  };
  const line = '{"user":{"name":"ada"},"at":5}';
  const own = new MillraceError("EVENT_ID", "no id", { next: "dead-lettered" });
  expect(read([line], { key: thrown(own) })).toEqual([["EVENT_ID", "no id"]]);
  expect(read([line], { key: thrown(new Error("no name")) })).toEqual([["KEY_TYPE", "no name"]]);
});
