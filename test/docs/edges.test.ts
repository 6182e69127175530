import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { linksOf } from "./documents.ts";

/** A page of the index, and the file that tries its edges. */
type Page = { readonly text: string; readonly tests: string | undefined };

/** The points of a page's section about edges. */
function pointsOf(text: string): readonly string[] {
  const [, section = ""] = text.split("\n## At the edges\n");
  const [points = ""] = section.split("\n## ");
  return points.split("\n").filter((line) => /^\s*[-*] /.test(line));
}

/** What stands in bold in another section's list: a promise that nobody tries. */
function astray(text: string): readonly string[] {
  const points = pointsOf(text);
  return text.split("\n").filter((line) => /^\s*[-*] \*\*/.test(line) && !points.includes(line));
}

/** What a point says: it begins with a sentence in bold. */
const saidBy = (point: string): string | undefined => /^- \*\*(.+?\.)\*\*/.exec(point)?.[1];

/** The tests that run: one that is skipped, or to be done, begins otherwise. */
const triedBy = (tests: string): string[] =>
  [...tests.matchAll(/^test\(\s*(["'])(.+?)\1,/gm)].map(([, , name = ""]) => name);

/** What is wrong with what a page says of edges: a sentence each. */
function problemsOf({ text, tests }: Page): string[] {
  const points = pointsOf(text);
  const said = points.flatMap((point) => saidBy(point) ?? []);
  const tried = triedBy(tests ?? "");
  return [
    ...(points.length === 0 ? ["it says nothing of edges"] : []),
    ...(tests === undefined ? ["no file tries its edges"] : []),
    ...points
      .filter((point) => saidBy(point) === undefined)
      .map((point) => `begins with no sentence in bold: ${point}`),
    ...astray(text).map((point) => `stands outside of the section: ${point}`),
    ...said.filter((sentence) => !tried.includes(sentence)).map((sentence) => `is not tried: ${sentence}`),
    ...tried.filter((name) => !said.includes(name)).map((name) => `is not said: ${name}`),
    ...(said.length === tried.length && said.some((sentence, i) => sentence !== tried[i])
      ? ["tests come in another order than sentences"]
      : []),
  ];
}

const EDGES = "test/docs/edges";
const pageNamed = (name: string): Page => {
  const file = `${EDGES}/${name}.test.ts`;
  const tests = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  return { text: readFileSync(`docs/operators/${name}.md`, "utf8"), tests };
};

/** Every page in the index of operators. */
const NAMES = [...new Set(linksOf("docs/operators/README.md"))]
  .filter((link) => /^[a-z-]+\.md$/.test(link))
  .map((link) => link.slice(0, -".md".length))
  .sort();

test.each(NAMES)("each point about edges has a test of its name, and each test its point: %s", (name) => {
  expect(problemsOf(pageNamed(name))).toEqual([]);
});

test("the files that try edges are those of pages in the index", () => {
  const files = readdirSync(EDGES).filter((file) => file.endsWith(".test.ts"));
  expect(files.map((file) => file.slice(0, -".test.ts".length)).sort()).toEqual(NAMES);
});

describe("what is refused", () => {
  const text =
    "# Page\n\n## At the edges\n\n- **One is one.** Always.\n- **Two is two.**\n\n## State\n\n- Much.\n";
  const test1 = 'test("One is one.", () => {});\n';
  const test2 = 'test("Two is two.", () => {});\n';

  test("is not a page whose sentences are all tried", () => {
    expect(problemsOf({ text, tests: test1 + test2 })).toEqual([]);
  });

  test.each<[string, Page, string]>([
    ["a page without a file", { text, tests: undefined }, "no file tries its edges"],
    ["a page without edges", { text: "# Page\n\n## State\n", tests: "" }, "it says nothing of edges"],
    ["a sentence without a test", { text, tests: test1 }, "is not tried: Two is two."],
    [
      "a test that is skipped",
      { text, tests: test1 + test2.replace("test(", "test.skip(") },
      "is not tried: Two is two.",
    ],
    [
      "a test that is left for later",
      { text, tests: test1 + test2.replace("test(", "test.todo(") },
      "is not tried: Two is two.",
    ],
    [
      "a test without a sentence",
      { text, tests: `${test1}${test2}test("Three.", () => {});` },
      "is not said: Three.",
    ],
    [
      "a point that is not in bold",
      { text: text.replace("- **Two is two.**", "- Two is two."), tests: test1 },
      "begins with no sentence in bold: - Two is two.",
    ],
    [
      "a point whose first words alone are in bold",
      { text: text.replace("- **Two is two.**", "- **Two** is two."), tests: test1 },
      "begins with no sentence in bold: - **Two** is two.",
    ],
    ["tests in another order", { text, tests: test2 + test1 }, "tests come in another order than sentences"],
  ])("is %s", (_, page, problem) => {
    expect(problemsOf(page)).toContain(problem);
  });
});
