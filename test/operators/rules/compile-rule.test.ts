import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { epochMs } from "../../../shared/index.ts";
import { compileRule } from "../../../shared/operators/rules/compile-rule.ts";
import { rule } from "../../../shared/rules.ts";

const event = {
  n: 5,
  x: 1.5,
  s: "abc",
  none: null,
  list: [1, 2, 3],
  items: [
    { name: "a", tags: ["x"] },
    { name: "b", tags: [] },
  ],
};
const info = { id: "e", time: epochMs(1_704_067_200_000), key: "k" };
const isTrue = (text: string): boolean => compileRule(text)(event, info);

describe("a rule", () => {
  test.each<[string, boolean]>([
    ["event.n > 4", true],
    ["event.n == 5 && event.x < 1.0", false],
    ["event.n + 1.0 == 6.0", true],
    ["int(event.n) % 2 == 1", true],
    ["event.s.startsWith('a') || event.missing", true],
    ["has(event.missing) && event.missing > 1", false],
    ["event.none == null", true],
    ["2 in event.list", true],
    ["event.list.exists(e, e > 2)", true],
    ["event.list.filter(e, e > 1).size() == 2", true],
    ["event.items.exists(i, i.tags.exists(t, t == 'x'))", true],
    ["event.items.all(i, i['tags'].all(t, t == 'y'))", false],
    ["key == 'k' && time.getFullYear() == 2024 && time < timestamp('2024-01-01T01:00:00+01:00')", false],
    ["time >= timestamp('2024-01-01T00:00:00Z') - duration('1h')", true],
  ])("%s is %s", (text, right) => {
    expect(isTrue(text)).toBe(right);
  });

  test.each<[string, string]>([
    ["event.n >", "at 1:10: Unexpected token: EOF"],
    ["event.n > 1 &&\n  evnt.n > 2", "at 2:3: Unknown variable: evnt"],
    ["event.n > 1 ? 'a' : 2", "at 1:1: Ternary branches"],
    ["'text'", "a rule gives true or false, and this one a string"],
    ["", "Unexpected token"],
    ["now() > time", '"now" is not there for rules'],
    ["event.s.matches('(a+)+$')", '"matches" is not there for rules'],
    ["event.list.map(e, [e, e]).size() > 1", '"map" is not there for rules'],
    ["cel.bind(a, event.s + event.s, a == '')", '"bind" is not there for rules'],
    ["time.getDayOfYear() > 3", '"getDayOfYear" is not there for rules'],
    ["time.getHours('Europe/Berlin') > 3", "takes no time zone"],
    ["time > timestamp('2024-01-01T00:00:00.000')", "with its zone"],
    ["time > timestamp(event.s)", "with its zone"],
    [
      "event.items.exists(i, event.list.exists(e, e > 1))",
      'at 1:23: "exists" within another must go over a part of "i"',
    ],
    ["event.items.all(i, [1, 2].exists(e, e > 1))", "must go over a part"],
    [`event.n > ${"1.0 + ".repeat(400)}1.0`, "maxAstNodes"],
    [`${"(".repeat(100)}true${")".repeat(100)}`, "maxDepth"],
    [`event.s == '${"a".repeat(4_000)}'`, "4000 characters at most"],
  ])("that reads %s is refused", (text, sentence) => {
    expect(() => compileRule(text)).toThrow(sentence);
  });

  test.each<[string, string]>([
    ["event.missing > 1", "at 1:7: No such key: missing"],
    ["event.n > 'a'", "at 1:1: no such overload"],
    ["event.n", "neither true nor false"],
    ["event.constructor == event.n", "No such key: constructor"],
    ["event.list[7] == 1", "index out of bounds"],
  ])("that reads %s cannot say of this event", (text, sentence) => {
    const compiled = compileRule(text);
    expect(() => compiled(event, info)).toThrow(sentence);
  });

  const anyJunk = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .array(
        fc.constantFrom("event", ".n", " > ", "1", "(", ")", " && ", "exists", "[", "]", "'", ",", "!"),
        {
          maxLength: 12,
        },
      )
      .map((parts) => parts.join("")),
  );
  test.prop([anyJunk, fc.jsonValue()])(
    "says true or false, or what is wrong, whatever it is given",
    (text, value) => {
      try {
        expect(typeof compileRule(text)(value, info)).toBe("boolean");
      } catch (thrown) {
        expect(thrown).toMatchObject({ name: "RuleProblem", message: expect.any(String) });
      }
    },
  );

  test.prop([fc.double({ noNaN: true }), fc.integer({ min: -1_000, max: 1_000 })])(
    "compares a number of an event with a whole number as JavaScript does",
    (n, than) => {
      expect(compileRule(`event > ${than}`)(n, info)).toBe(n > than);
      expect(compileRule(`event == ${than}`)(n, info)).toBe(n === than);
    },
  );
});

describe("a constant rule", () => {
  test("filters", () => {
    expect([1, 7].filter((n) => rule("event > 4")(n, info))).toEqual([7]);
  });

  test("is refused where it is written, if it is none", () => {
    expect(() => rule("event >")).toThrow(
      expect.objectContaining({
        code: "PLAN_RULE",
        message: expect.stringContaining('rule "event >", at 1:8'),
      }),
    );
  });

  test("fails an event of which it cannot say", () => {
    expect(() => rule("event.n > 1")({}, info)).toThrow(expect.objectContaining({ code: "RULE_FAILED" }));
  });
});
