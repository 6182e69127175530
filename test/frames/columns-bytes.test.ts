import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { bytesOfColumns } from "../../shared/frames/columns-bytes.ts";
import { encodeValue } from "../../shared/state/codec.ts";

const textOf = (columns: unknown[][], fields: string[] = []): string =>
  new TextDecoder().decode(bytesOfColumns({ fields, columns }));

/** Whole numbers of every length, where one more digit begins, and those that JSON or a double says otherwise. */
const anyNumber = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer(),
  fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: -1, max: 1 })).map(([n, d]) => 10 ** n + d),
  fc.tuple(fc.integer({ min: 0, max: 53 }), fc.integer({ min: -1, max: 1 })).map(([n, d]) => -(2 ** n) + d),
  fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e21, 2 ** 53, Number.MAX_SAFE_INTEGER, 0.5),
  fc.double(),
);
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constant('"$mr":'),
);
const anyColumn = fc.oneof(
  fc.array(fc.oneof(fc.integer(), fc.maxSafeInteger())),
  fc.array(anyNumber),
  fc.array(anyText),
  fc.array(
    fc.oneof(anyNumber, anyText, fc.jsonValue(), fc.constantFrom(undefined, 7n, { $mr: ["undefined"] })),
  ),
);
/** Some columns stand there twice, or twice but for a value. */
const anyColumns = fc.array(anyColumn, { maxLength: 6 }).chain((columns) =>
  fc.array(fc.tuple(fc.nat({ max: 5 }), fc.boolean()), { maxLength: 4 }).map((again) => [
    ...columns,
    ...again.flatMap(([i, changed]) => {
      const column = columns[i];
      return column === undefined ? [] : [changed ? [...column.slice(0, -1), -0] : [...column]];
    }),
  ]),
);

test.prop([anyColumns, fc.array(anyText)], { numRuns: 1_000 })(
  "columns are written as the codec writes them, to the byte",
  (columns, fields) => {
    expect(textOf(columns, fields)).toBe(encodeValue({ fields, columns }));
  },
);

test("what one call has written is not in the way of the next, however large it was", () => {
  const large = Array.from({ length: 400_000 }, (_, i) => 1_436_918_400_000 + i);
  const first = bytesOfColumns({ fields: ["a"], columns: [large] });
  expect(textOf([[1, 2]], ["b"])).toBe('{"fields":["b"],"columns":[[1,2]]}');
  expect(textOf([["€".repeat(200_000)]])).toBe(encodeValue({ fields: [], columns: [["€".repeat(200_000)]] }));
  expect(new TextDecoder().decode(first)).toBe(encodeValue({ fields: ["a"], columns: [large] }));
});
