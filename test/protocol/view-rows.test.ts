import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import type { ViewRow } from "../../shared/operators/outputs.ts";
import { textOfViews, textsOf } from "../../shared/protocol/view-rows.ts";
import { encodeValue } from "../../shared/state/codec.ts";

const anyKey = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.constantFrom(-0, Number.NaN, 2 ** 53, 1e21, Number.POSITIVE_INFINITY),
);
const anyRow = fc.oneof(fc.jsonValue(), fc.constantFrom(undefined, 7n, Number.NaN, { $mr: ["undefined"] }));
const anyRows: fc.Arbitrary<ViewRow[]> = fc.array(fc.tuple(anyKey, anyKey, anyRow));

test.prop([fc.array(fc.tuple(fc.string(), anyRows))])(
  "rows of views are written as the codec writes them, and each row's text is kept",
  (views) => {
    expect(textOfViews(views)).toBe(encodeValue(views));
    for (const [, rows] of views) expect(textsOf(rows)).toEqual(rows.map(([, , row]) => encodeValue(row)));
  },
);

test("texts that nobody has made are not known", () => {
  expect(textsOf([["a", 1, { n: 1 }]])).toBeUndefined();
});
