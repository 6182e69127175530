import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { linksOf } from "./documents.ts";

/** A page of the index, and the files that try its edges. */
type Page = { readonly text: string; readonly tests: readonly string[] };

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
  const tried = tests.map(triedBy);
  return [
    ...(points.length === 0 ? ["it says nothing of edges"] : []),
    ...(tests.length === 0 ? ["no file tries its edges"] : []),
    ...points
      .filter((point) => saidBy(point) === undefined)
      .map((point) => `begins with no sentence in bold: ${point}`),
    ...astray(text).map((point) => `stands outside of the section: ${point}`),
    ...said
      .filter((sentence) => !tried.flat().includes(sentence))
      .map((sentence) => `is not tried: ${sentence}`),
    ...tried
      .flat()
      .filter((name) => !said.includes(name))
      .map((name) => `is not said: ${name}`),
    ...tried
      .flat()
      .filter((name, i, all) => all.indexOf(name) < i)
      .map((name) => `is tried twice: ${name}`),
    ...(tried.some((names) =>
      names.some((name, i) => said.indexOf(name) < said.indexOf(names[i - 1] ?? name)),
    )
      ? ["tests come in another order than sentences"]
      : []),
  ];
}

const EDGES = "test/docs/edges";
/** A file is named for its page, and one of several for its part too: `process.timers.test.ts`. */
const FILES = readdirSync(EDGES).filter((file) => file.endsWith(".test.ts"));
const pageOf = (file: string): string => file.split(".")[0] ?? "";

const pageNamed = (name: string): Page => ({
  text: readFileSync(`docs/operators/${name}.md`, "utf8"),
  tests: FILES.filter((file) => pageOf(file) === name).map((file) =>
    readFileSync(`${EDGES}/${file}`, "utf8"),
  ),
});

/** Every page in the index of operators. */
const NAMES = [...new Set(linksOf("docs/operators/README.md"))]
  .filter((link) => /^[a-z-]+\.md$/.test(link))
  .map((link) => link.slice(0, -".md".length))
  .sort();

test.each(NAMES)("each point about edges has a test of its name, and each test its point: %s", (name) => {
  expect(problemsOf(pageNamed(name))).toEqual([]);
});

test("the files that try edges are those of pages in the index", () => {
  expect([...new Set(FILES.map(pageOf))].sort()).toEqual(NAMES);
});

describe("what is refused", () => {
  const text =
    "# Page\n\n## At the edges\n\n- **One is one.** Always.\n- **Two is two.**\n\n## State\n\n- Much.\n";
  const test1 = 'test("One is one.", () => {});\n';
  const test2 = 'test("Two is two.", () => {});\n';

  test("is not a page whose sentences are all tried", () => {
    expect(problemsOf({ text, tests: [test1 + test2] })).toEqual([]);
    expect(problemsOf({ text, tests: [test2, test1] })).toEqual([]);
  });

  test.each<[string, Page, string]>([
    ["a page without a file", { text, tests: [] }, "no file tries its edges"],
    ["a page without edges", { text: "# Page\n\n## State\n", tests: [""] }, "it says nothing of edges"],
    ["a sentence without a test", { text, tests: [test1] }, "is not tried: Two is two."],
    [
      "a test that is skipped",
      { text, tests: [test1 + test2.replace("test(", "test.skip(")] },
      "is not tried: Two is two.",
    ],
    [
      "a test that is left for later",
      { text, tests: [test1, test2.replace("test(", "test.todo(")] },
      "is not tried: Two is two.",
    ],
    [
      "a test without a sentence",
      { text, tests: [`${test1}${test2}test("Three.", () => {});`] },
      "is not said: Three.",
    ],
    ["a test in two files", { text, tests: [test1 + test2, test2] }, "is tried twice: Two is two."],
    [
      "a point that is not in bold",
      { text: text.replace("- **Two is two.**", "- Two is two."), tests: [test1] },
      "begins with no sentence in bold: - Two is two.",
    ],
    [
      "a point whose first words alone are in bold",
      { text: text.replace("- **Two is two.**", "- **Two** is two."), tests: [test1] },
      "begins with no sentence in bold: - **Two** is two.",
    ],
    [
      "tests in another order",
      { text, tests: [test2 + test1] },
      "tests come in another order than sentences",
    ],
  ])("is %s", (_, page, problem) => {
    expect(problemsOf(page)).toContain(problem);
  });
});
