import fc from "fast-check";
import { type Item, L, M, N, S, type Value } from "../scene.ts";

/** Texts whose order by UTF-8 bytes is another than by UTF-16 units, too. */
export const anyText: fc.Arbitrary<string> = fc.constantFrom(
  "",
  "a",
  "ab",
  "b",
  "B",
  "é",
  "\uFFFD",
  "\u{1F600}",
);

export const anyNumber: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -2, max: 4 }).map(String) },
  fc.constantFrom(
    "0.5",
    "-0.25",
    "1.10",
    "1e2",
    "100",
    "12345678901234567890123456789012345678",
    "0.00000000000000000000000000000000000001",
    "1E-130",
    "9.9999999999999999999999999999999999999E+125",
  ),
);

export const anyBytes: fc.Arbitrary<string> = fc
  .constantFrom("", "a", "ab", "\u{FF}")
  .map((bytes) => Buffer.from(bytes, "latin1").toString("base64"));

const some = <T>(elements: fc.Arbitrary<T>, selector: (element: T) => unknown = (element) => element) =>
  fc.uniqueArray(elements, { minLength: 1, maxLength: 3, selector });

export const anySet: fc.Arbitrary<Value> = fc.oneof(
  some(anyText).map((SS) => ({ SS })),
  some(anyNumber, Number).map((NS) => ({ NS })),
  some(anyBytes).map((BS) => ({ BS })),
);

const anyScalar: fc.Arbitrary<Value> = fc.oneof(
  { weight: 3, arbitrary: anyNumber.map(N) },
  { weight: 2, arbitrary: anyText.map(S) },
  anyBytes.map((B) => ({ B })),
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.constant({ NULL: true }),
);

/** Few names, so that expressions meet what is there; most attributes are what their names say. */
const NAMES = ["a", "b", "n", "s", "l", "m"] as const;
export const anyName: fc.Arbitrary<string> = fc.constantFrom(...NAMES);

const nested = fc.letrec<{ readonly value: Value; readonly list: Value; readonly map: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 4, arbitrary: anyScalar },
    { weight: 1, arbitrary: anySet },
    { weight: 1, arbitrary: tie("list") },
    { weight: 1, arbitrary: tie("map") },
  ),
  list: fc.array(tie("value"), { maxLength: 3 }).map((elements) => L(...elements)),
  map: fc.dictionary(anyName, tie("value"), { maxKeys: 3 }).map(M),
}));
export const anyValue: fc.Arbitrary<Value> = nested.value;

const mostly = (usual: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 5, arbitrary: usual }, { weight: 1, arbitrary: anyValue });

const attributes = {
  a: anyValue,
  b: anyValue,
  n: mostly(anyNumber.map(N)),
  s: mostly(anySet),
  l: mostly(nested.list),
  m: mostly(nested.map),
};

/** All attributes but the key. */
export const anyAttributes: fc.Arbitrary<Item> = fc.oneof(
  { weight: 2, arbitrary: fc.record(attributes) },
  { weight: 1, arbitrary: fc.record(attributes, { requiredKeys: [] }) as fc.Arbitrary<Item> },
);
