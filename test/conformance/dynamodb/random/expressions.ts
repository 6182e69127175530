import { crc32 } from "node:zlib";
import fc from "fast-check";
import { type Item, L, type Value } from "../scene.ts";
import { anyName, anyNumber, anySet, anyText, anyValue } from "./items.ts";

/** A part of an expression, with what its placeholders stand for. */
export type Part = {
  readonly text: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Item;
};

/** Any number of parts in a text; the same value has the same placeholder everywhere. */
export const part = (texts: TemplateStringsArray, ...parts: readonly (Part | string)[]): Part => {
  const all = parts.map((one) => (typeof one === "string" ? { text: one, names: {}, values: {} } : one));
  return {
    text: texts.map((text, i) => text + (all[i]?.text ?? "")).join(""),
    names: Object.assign({}, ...all.map(({ names }) => names)),
    values: Object.assign({}, ...all.map(({ values }) => values)),
  };
};

const joined = (parts: readonly Part[], by: string): Part =>
  parts.reduce((sum, one) => part`${sum}${by}${one}`);

export const valuePart = (value: Value): Part => {
  const text = `:v${crc32(JSON.stringify(value)).toString(36)}`;
  return { text, names: {}, values: { [text]: value } };
};

const value = anyValue.map(valuePart);
const text = anyText.map((S) => valuePart({ S }));

const name = fc
  .record({ name: anyName, isPlaced: fc.boolean() })
  .map(({ name, isPlaced }) =>
    isPlaced
      ? { text: `#${name}`, names: { [`#${name}`]: name }, values: {} }
      : { text: name, names: {}, values: {} },
  );
const element = fc.integer({ min: 0, max: 3 }).map((i) => part`[${String(i)}]`);
const member = name.map((one) => part`.${one}`);
const within = (first: Part, steps: readonly Part[]): Part =>
  steps.reduce((path, step) => part`${path}${step}`, first);
const word = (text: string): Part => ({ text, names: {}, values: {} });

/** Mostly an attribute, at times what is within one, seldom something that is not there. */
const anyPath: fc.Arbitrary<Part> = fc.oneof(
  { weight: 8, arbitrary: name },
  { weight: 2, arbitrary: member.map((one) => within(word("m"), [one])) },
  { weight: 2, arbitrary: element.map((one) => within(word("l"), [one])) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(name, fc.array(fc.oneof(member, element), { minLength: 1, maxLength: 3 }))
      .map(([first, steps]) => within(first, steps)),
  },
);

const operand = fc.oneof(
  { weight: 4, arbitrary: anyPath },
  { weight: 4, arbitrary: value },
  { weight: 1, arbitrary: anyPath.map((path) => part`size(${path})`) },
);
const comparator = fc.constantFrom("=", "<>", "<", "<=", ">", ">=");
const types = fc.constantFrom("S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS");

const term: fc.Arbitrary<Part> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(operand, comparator, operand).map(([a, by, b]) => part`${a} ${by} ${b}`) },
  fc.tuple(operand, operand, operand).map(([a, b, c]) => part`${a} BETWEEN ${b} AND ${c}`),
  fc
    .tuple(operand, fc.array(operand, { minLength: 1, maxLength: 3 }))
    .map(([a, list]) => part`${a} IN (${joined(list, ", ")})`),
  fc
    .tuple(fc.constantFrom("attribute_exists", "attribute_not_exists"), anyPath)
    .map(([is, path]) => part`${is}(${path})`),
  fc.tuple(anyPath, types).map(([path, S]) => part`attribute_type(${path}, ${valuePart({ S })})`),
  fc.tuple(anyPath, fc.oneof(text, anyPath)).map(([path, of]) => part`begins_with(${path}, ${of})`),
  fc.tuple(anyPath, operand).map(([path, of]) => part`contains(${path}, ${of})`),
);

export const anyCondition: fc.Arbitrary<Part> = fc.letrec<{ readonly condition: Part }>((tie) => ({
  condition: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 3, arbitrary: term },
    {
      weight: 2,
      arbitrary: fc
        .tuple(tie("condition"), fc.constantFrom("AND", "OR"), tie("condition"))
        .map(([a, by, b]) => part`${a} ${by} ${b}`),
    },
    { weight: 1, arbitrary: tie("condition").map((one) => part`NOT ${one}`) },
    { weight: 1, arbitrary: tie("condition").map((one) => part`(${one})`) },
  ),
})).condition;

const mostly = (usual: fc.Arbitrary<Part>): fc.Arbitrary<Part> =>
  fc.oneof(
    { weight: 8, arbitrary: usual },
    { weight: 1, arbitrary: value },
    { weight: 1, arbitrary: anyPath },
  );
const unless = fc.tuple(anyPath, value).map(([a, b]) => part`if_not_exists(${a}, ${b})`);
const number = mostly(
  fc.oneof(
    fc.constant(word("n")),
    anyNumber.map((N) => valuePart({ N })),
  ),
);
const list = mostly(
  fc.oneof(
    fc.constant(word("l")),
    value.map((one) => valuePart(L(...Object.values(one.values)))),
  ),
);
const appended = fc.tuple(list, list).map(([a, b]) => part`list_append(${a}, ${b})`);
const sum = fc
  .tuple(fc.oneof(number, unless, appended), fc.constantFrom("+", "-"), number)
  .map(([a, by, b]) => part`${a} ${by} ${b}`);
const assigned = fc.oneof({ weight: 3, arbitrary: value }, anyPath, unless, appended, sum);

const clause = (word: string, action: fc.Arbitrary<Part>): fc.Arbitrary<Part> =>
  fc.array(action, { minLength: 1, maxLength: 2 }).map((actions) => part`${word} ${joined(actions, ", ")}`);
const set = anySet.map(valuePart);
const added = fc.oneof(
  fc.tuple(
    fc.constant(word("n")),
    anyNumber.map((N) => valuePart({ N })),
  ),
  fc.tuple(fc.constant(word("s")), set),
  fc.tuple(anyPath, value),
);
const taken = fc.tuple(
  mostly(fc.constant(word("s"))).filter(({ text }) => !text.startsWith(":")),
  set,
);
const clauses = [
  clause(
    "SET",
    fc.tuple(anyPath, assigned).map(([path, to]) => part`${path} = ${to}`),
  ),
  clause("REMOVE", anyPath),
  clause(
    "ADD",
    added.map(([path, by]) => part`${path} ${by}`),
  ),
  clause(
    "DELETE",
    taken.map(([path, by]) => part`${path} ${by}`),
  ),
];

export const anyUpdate: fc.Arbitrary<Part> = fc
  .oneof(
    { weight: 3, arbitrary: fc.constantFrom(...clauses).map((one) => [one]) },
    { weight: 1, arbitrary: fc.shuffledSubarray(clauses, { minLength: 1 }) },
  )
  .chain((some) => fc.tuple(...some))
  .map((some) => joined(some, " "));

export const anyProjection: fc.Arbitrary<Part> = fc
  .array(anyPath, { minLength: 1, maxLength: 3 })
  .map((paths) => joined(paths, ", "));

/** Parameters of a call with these expressions. */
export function withExpressions(parts: Readonly<Record<string, Part | undefined>>): object {
  const named = Object.entries(parts).flatMap(([parameter, one]) =>
    one === undefined ? [] : [{ parameter, one }],
  );
  const names = Object.assign({}, ...named.map(({ one }) => one.names));
  const values = Object.assign({}, ...named.map(({ one }) => one.values));
  return {
    ...Object.fromEntries(named.map(({ parameter, one }) => [parameter, one.text])),
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}
