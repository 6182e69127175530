import { describe, expect, test } from "vitest";
import { filterPattern } from "../../../../local/models/logs/filter-pattern.ts";

const LINE = '{"level":"ERROR","n":5,"deep":{"list":[{"x":"y"}]},"ok":true,"none":null} [END]';
const JSON_LINE = LINE.slice(0, -6);

/** As https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html says. */
describe("a filter pattern", () => {
  test.each([
    ["", true],
    ["ERROR", true],
    ["error", false],
    ["ERROR deep", true],
    ["ERROR WARN", false],
    ["?WARN ?ERROR", true],
    ["?WARN ?INFO", false],
    ["ERROR -deep", false],
    ["ERROR -WARN", true],
    ['"[END]"', true],
    ['"level\\":"', true],
  ])("of terms: %s", (pattern, matches) => {
    expect(filterPattern(pattern)(LINE)).toBe(matches);
  });

  test.each([
    ['{ $.level = "ERROR" }', true],
    ['{ $.level = "ERR*" }', true],
    ['{ $.level != "ERROR" }', false],
    ['{ $.level = "INFO" || $.n >= 5 }', true],
    ['{ ($.level = "INFO" || $.n > 4) && $.n < 5 }', false],
    ['{ $.deep.list[0].x = "y" }', true],
    ["{ $.n = 5 }", true],
    ["{ $.ok IS TRUE }", true],
    ["{ $.none IS NULL }", true],
    ["{ $.missing NOT EXISTS }", true],
    ['{ $.missing = "x" }', false],
    ["{ $.level = ERROR }", true],
  ])("of JSON: %s", (pattern, matches) => {
    expect(filterPattern(pattern)(JSON_LINE)).toBe(matches);
    expect(filterPattern(pattern)("no json")).toBe(false);
  });

  test.each(["{ $.level = }", "{ level = 1 }", "{ $.a = 1", "[a, b]", "%regex%", '"open'])(
    "that is not understood is refused: %s",
    (pattern) => {
      expect(() => filterPattern(pattern)).toThrow(
        expect.objectContaining({ code: "InvalidParameterException" }),
      );
    },
  );
});
