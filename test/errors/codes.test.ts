import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ERROR_CODES } from "../../shared/errors/codes.ts";
import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";

/** `| CODE | means | when | do |`: the rows of the page, in its order. */
const rows = [
  ...readFileSync("docs/errors.md", "utf8").matchAll(/^\| `([A-Z_]+)` \| (.*?) \| (.*?) \| (.*?) \|$/gm),
].map(([, code = "", means = "", when = "", remedy = ""]) => ({ code, means, when, remedy }));
const codes = Object.keys(ERROR_CODES);

const sources = ["shared", "functions", "infra", "local", "cli", "bench"]
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  )
  .filter((file) => file.endsWith(".ts") && file !== join("shared", "errors", "codes.ts"))
  .map((file) => readFileSync(file, "utf8"));
const said = new Set(sources.flatMap((text) => text.match(/\b[A-Z]+(?:_[A-Z]+)*\b/g) ?? []));

describe("docs/errors.md", () => {
  test("has one row for every code, in the order of shared/errors/codes.ts", () => {
    expect(rows.map(({ code }) => code)).toEqual(codes);
  });

  test.each(codes)("says of %s what the code's own line says, when it comes up and what to do", (code) => {
    const row = rows.find((each) => each.code === code);
    expect(row?.means).toBe(ERROR_CODES[code as keyof typeof ERROR_CODES]);
    expect(row?.when.length).toBeGreaterThan(2);
    expect(row?.remedy.length).toBeGreaterThan(5);
  });
});

test.each(codes)("%s is what some code says", (code) => {
  expect(said.has(code)).toBe(true);
});

describe("an error", () => {
  test("keeps its code, next step and cause", () => {
    const cause = new Error("why");
    const error = new MillraceError("KEY_TYPE", "no key", { next: "dead-lettered", cause });
    expect(error).toMatchObject({ name: "MillraceError", code: "KEY_TYPE", next: "dead-lettered", cause });
    expect(error).toBeInstanceOf(Error);
    expect("cause" in new MillraceError("KEY_TYPE", "no key", { next: "refused" })).toBe(false);
  });

  test.each([
    [new Error("text"), "text"],
    ["text", "text"],
    [5, "5"],
    [null, "null"],
    [undefined, "undefined"],
  ])("has a text whatever was thrown: %s", (thrown, text) => {
    expect(messageOf(thrown)).toBe(text);
  });
});
